"""The claims of an article on starting programs from Go, each measured by the rule that its row states."""

#!/usr/bin/env bash
# Records the article's systems and writes what the data say of each of its claims to Results/article.md, and the same as JSON.
#
#     Scripts/article.sh [--quick] [--expect ROW=VERDICT]… [ROW…]        see --help
exec python3 "$(dirname -- "${BASH_SOURCE[0]}")/bench" run article "$@"

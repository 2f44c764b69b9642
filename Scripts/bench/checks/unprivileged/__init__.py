"""What is recorded by whoever has no rights: as a plain user, in a user namespace, in a container, in a sandbox."""

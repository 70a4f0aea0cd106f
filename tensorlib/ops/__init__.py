"""The ops: per family, each op's forward function, derivative and rule stand together."""

"""The verbs of the command line, one module a group. Each has ``register(app)``."""

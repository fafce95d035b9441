"""How well service candidates recover the capabilities that a project's authors drew themselves."""

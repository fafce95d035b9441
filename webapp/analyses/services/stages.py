"""The stages of an analysis, as the library names them."""


def stages() -> tuple[tuple[str, str], ...]:
    """Name and title of each stage, in the pipeline's order."""
    # Loading the library takes seconds; the web server starts without it.
    from analyzer import api

    return tuple((stage.name, stage.title) for stage in api.STAGES)

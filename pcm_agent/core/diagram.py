"""State diagrams, drawn from the regions' tables (Mermaid `stateDiagram-v2`)."""

from pcm_agent.core.region import Region, Row


def mermaid(region: Region) -> str:
    """The diagram of one region. Rows that stay in their state are left out."""
    lines = [f"%% {region.name}", "stateDiagram-v2", f"    [*] --> {_name(region.initial.value)}"]
    for row in region.rows:
        if row.target is not None:
            target = _name(row.target.value)
            lines += [f"    {_name(source.value)} --> {target}: {_label(row)}" for source in row.sources()]
    return "\n".join(lines) + "\n"


def _name(state: str) -> str:
    """Mermaid takes letters, digits and underscores."""
    return state.replace("-", "_")


def _label(row: Row) -> str:
    guards = ", ".join(guard.__name__.replace("_", " ") for guard in row.when)
    return f"{row.event.__name__} [{guards}]" if guards else row.event.__name__

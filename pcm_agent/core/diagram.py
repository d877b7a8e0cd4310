"""State diagrams, drawn from the regions' tables (Mermaid `stateDiagram-v2`)."""

from pcm_agent.core.region import Region, Row


def mermaid(region: Region) -> str:
    """The diagram of one region, one arrow a pair of states. Rows that stay in their state are left out."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for row in region.rows:
        if row.target is not None:
            for state in row.sources():
                arrows.setdefault((_name(state.value), _name(row.target.value)), []).append(_label(row))
    lines = [f"%% {region.name}", "stateDiagram-v2", f"    [*] --> {_name(region.initial.value)}"]
    for (source, target), labels in arrows.items():
        lines.append(f"    {source} --> {target}: {', '.join(dict.fromkeys(labels))}")
    return "\n".join(lines) + "\n"


def _name(state: str) -> str:
    """Mermaid takes letters, digits and underscores."""
    return state.replace("-", "_")


def _label(row: Row) -> str:
    guards = ", ".join(guard.__name__.replace("_", " ") for guard in row.when)
    return f"{row.event.__name__} [{guards}]" if guards else row.event.__name__

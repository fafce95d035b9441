"""How services, units and places in the source are written on a page."""

import re
from collections.abc import Sequence
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# Where a long name may go on in the next line.
BREAKS = re.compile(r"(?<=[_./:])(?=\w)")
CHIPS_SHOWN = 5
NOBODY = mark_safe('<span class="hint">nobody</span>')


@register.simple_tag(takes_context=True)
def evidence(
    context: template.Context, path: str, line: int, last: int | None = None
) -> SafeString:
    """A link that opens the source at the line."""
    address = reverse("reports:source", args=[context["run"].pk, path])
    lines = f"{line}-{last}" if last and last > line else str(line)
    place = f"{path}:{line}" if line else path
    return format_html(
        '<a class="evidence" href="{}?line={}#L{}">{}</a>',
        address,
        lines,
        line or 1,
        _breaking(place),
    )


@register.simple_tag(takes_context=True)
def service(context: template.Context, service_id: str | None) -> SafeString:
    """The service's name in its colour, leading to its page."""
    index = context["index"]
    if not service_id or service_id not in index.services:
        return format_html('<span class="chip shared">{}</span>', index.name_of(service_id))
    address = reverse("reports:service", args=[context["run"].pk, service_id])
    return format_html(
        '<a class="chip s{}" href="{}">{}</a>',
        index.colours[service_id],
        address,
        index.name_of(service_id),
    )


@register.simple_tag(takes_context=True)
def services(context: template.Context, service_ids: Sequence[str]) -> SafeString:
    """The first few services, and how many more there are."""
    if not service_ids:
        return NOBODY
    first, rest = service_ids[:CHIPS_SHOWN], service_ids[CHIPS_SHOWN:]
    chips = format_html_join(" ", "{}", ((service(context, one),) for one in first))
    if not rest:
        return chips
    names = ", ".join(context["index"].name_of(one) for one in rest)
    hint = '{} <span class="hint" title="{}">and {} more</span>'
    return format_html(hint, chips, names, len(rest))


@register.simple_tag(takes_context=True)
def table(context: template.Context, table_id: str) -> SafeString:
    """The table's name, leading to its page where it has one."""
    if table_id not in context["index"].tables:
        return format_html("<code>{}</code>", _breaking(table_id))
    address = reverse("reports:table", args=[context["run"].pk, table_id])
    return format_html('<a href="{}"><code>{}</code></a>', address, _breaking(table_id))


@register.simple_tag(takes_context=True)
def unit(context: template.Context, unit_id: str) -> SafeString:
    """The unit's name, leading to its source."""
    index = context["index"]
    path = index.path_of(unit_id)
    if not path:
        return format_html("<code>{}</code>", _breaking(unit_id))
    line = index.line_of(unit_id)
    address = reverse("reports:source", args=[context["run"].pk, path])
    return format_html(
        '<a href="{}?line={}#L{}"><code>{}</code></a>', address, line, line, _breaking(unit_id)
    )


@register.simple_tag(takes_context=True)
def node(context: template.Context, node_id: str) -> SafeString:
    """A unit or a table, whichever the node is."""
    index = context["index"]
    known = index.tables_of_nodes.get(node_id)
    return table(context, known) if known else unit(context, node_id)


@register.simple_tag(takes_context=True)
def service_name(context: template.Context, service_id: str | None) -> str:
    """The service's name alone."""
    return context["index"].name_of(service_id)


def _breaking(name: str) -> SafeString:
    """The name, with places where the browser may break it."""
    return format_html_join(mark_safe("<wbr>"), "{}", ((part,) for part in BREAKS.split(name)))


@register.filter
def words(value: Any) -> str:
    """An identifier as words: `api_composition` as `api composition`."""
    return str(value).replace("_", " ").replace("-", " ")


@register.filter
def figure(value: Any) -> str:
    """A number with as many decimals as help."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else str(value)
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:,.2f}" if abs(value) >= 10 else f"{value:,.3f}".rstrip("0").rstrip(".")


@register.filter
def percent(value: float) -> str:
    """A share as percent."""
    return f"{100 * value:.0f} %" if value >= 0.1 or value == 0 else f"{100 * value:.1f} %"

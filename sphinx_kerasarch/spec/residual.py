"""What a stage of a residual network consists of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .model import ArchSpec, Edge, Layer


def residuals(
    part: Sequence[str], into: Mapping[str, Sequence[Edge]], layers: Mapping[str, Layer], spec: ArchSpec
) -> list[str]:
    """``1 projection``, ``3 identity``: the residual blocks of a part by their shortcuts; none when it has one at most.

    A shortcut is the identity when one summand leads to the other, a projection when both come from elsewhere by
    convolutions. A part with attention is a Transformer layer, and sums beside each other are the cell of a searched
    network: these are told by other words.
    """
    own = set(part)
    layer_of = {call.id: layers[call.layer] for call in spec.calls if call.id in own}
    if any(layer.role == "attn" for layer in layer_of.values()):
        return []
    order = [call.id for call in spec.calls if call.id in own]
    number = {call: bit for bit, call in enumerate(order)}
    before: dict[str, int] = {}
    identity = projection = 0
    last = ""
    for call in order:
        sources = list(dict.fromkeys(edge.source.call for edge in into[call]))
        before[call] = 1 << number[call]
        for source in sources:
            before[call] |= before.get(source, 0)
        if layer_of[call].class_name != "Add" or len(sources) != 2:
            continue
        if last and not before[call] >> number[last] & 1:
            return []
        last = call
        a, b = sources
        if a not in own or b not in own or before[a] >> number[b] & 1 or before[b] >> number[a] & 1:
            identity += 1
        else:
            projection += 1
    if identity + projection < 2:
        return []
    found = [f"{projection} projection"] if projection else []
    return [*found, f"{identity} identity"] if identity else found

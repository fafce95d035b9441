"""English words as identifiers use them."""

# Singular, though they end like plurals; and plurals of what ends in -ie or -che.
_SINGULAR = frozenset(
    ["alias", "atlas", "bias", "canvas", "kubernetes", "lens", "news", "series", "species"]
)
_BUT_FOR_S = frozenset(["caches", "cookies", "movies"])
_LEAST = 3  # letters of what stands as it is: ids, dns, sms


def singular(word: str) -> str:
    """The singular of an English noun in lower case, near enough to compare and to show.

    `addresses` gives address, `statuses` status, `companies` company; `status` and `alias` stay.
    """
    if len(word) <= _LEAST or not word.endswith("s") or word in _SINGULAR:
        return word
    if word in _BUT_FOR_S:
        return word[:-1]
    if word.endswith(("sses", "shes", "ches", "xes", "iases")):
        return word[:-2]
    if word.endswith("uses") and len(word) > 4 and not word.endswith(("ouses", "auses")):
        return word[:-2]
    if word.endswith("zzes"):
        return word[:-3]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word if word.endswith(("ss", "us", "is")) else word[:-1]

"""How long CloudWatch Logs can keep what it is given."""

from __future__ import annotations

from privatelane._invalid import InvalidInput, described

#: The days that `PutRetentionPolicy` accepts. Source: CloudWatch Logs API reference.
RETENTION_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180),
    *(365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def check_retention(field: str, days: object) -> int:
    """Return `days` as an int when CloudWatch Logs accepts it.

    Raises:
        InvalidInput: it does not; the sentence names the nearest number of days that it accepts,
            the longer one of two.

    """
    whole = int(days) if isinstance(days, float) and days.is_integer() else days
    if isinstance(whole, int) and not isinstance(whole, bool):
        if whole in RETENTION_DAYS:
            return whole
        near = min(RETENTION_DAYS, key=lambda accepted: (abs(accepted - whole), -accepted))
        raise InvalidInput(
            f"{field} is {whole}, CloudWatch Logs does not keep logs for that many days; the"
            f" nearest it accepts is {near}"
        )
    raise InvalidInput(f"{field} is {described(days)}, it must be a whole number of days")

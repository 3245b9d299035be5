"""The same question as somebody would ask it with pandas, one file at a time to spare memory.

    python with_pandas.py FOLDER

It may take for granted what `lane traffic` finds out: that the format is of version 11 and names
services, and which interfaces are NATs. Prints the lines as JSON.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

# It lives in an environment of its own, which neither our locks nor our types know.
pd = importlib.import_module("pandas")

COLUMNS = [
    *("interface_id", "subnet_id", "srcaddr", "dstaddr", "pkt_srcaddr", "pkt_dstaddr"),
    *("pkt_src_aws_service", "pkt_dst_aws_service", "bytes", "start", "action", "log_status"),
    "interface_type",
]


def main(folder: Path) -> None:
    """Sum the inside of the NATs by client, and name each client's interface and subnet."""
    sums, clients, ends = [], [], []
    for file in sorted(folder.glob("*.parquet")):
        log = pd.read_parquet(file, columns=COLUMNS)
        ends.append((log["start"].min(), log["start"].max(), len(log)))
        log = log[(log["action"] == "ACCEPT") & (log["log_status"] == "OK")]
        at_nat = log["interface_type"] == "nat_gateway"
        nat, other = log[at_nat], log[~at_nat]
        out = nat[nat["dstaddr"] != nat["pkt_dstaddr"]]
        back = nat[nat["srcaddr"] != nat["pkt_srcaddr"]]
        for side, client, service in (
            (out, "pkt_srcaddr", "pkt_dst_aws_service"),
            (back, "pkt_dstaddr", "pkt_src_aws_service"),
        ):
            sums.append(side.groupby(["interface_id", client, service], as_index=False)["bytes"]
                        .sum().set_axis(["nat", "client", "service", "bytes"], axis=1))  # fmt: skip
        named = (other["pkt_src_aws_service"] != "-") | (other["pkt_dst_aws_service"] != "-")
        named |= other["srcaddr"].str.startswith("151.") | other["dstaddr"].str.startswith("151.")
        outward = other[named & other["pkt_srcaddr"].str.startswith("10.")]
        clients.append(outward[["pkt_srcaddr", "subnet_id", "interface_id"]].drop_duplicates())
    total = pd.concat(sums).groupby(["nat", "client", "service"], as_index=False)["bytes"].sum()
    known = pd.concat(clients).drop_duplicates()
    merged = total.merge(known, left_on="client", right_on="pkt_srcaddr", how="left")
    merged["service"] = merged["service"].replace("-", "internet")
    lines = merged[["service", "subnet_id", "interface_id", "bytes"]]
    json.dump(sorted(lines.to_numpy().tolist()), sys.stdout)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

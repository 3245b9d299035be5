"""What runs on EKS, and clusters of pulumi-eks, whose children a preview may or may not show."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from privatelane_paths.facts import Network, Workload, WorkloadKind
from privatelane_paths.known import Refs, Unknown
from privatelane_paths.lanes import Judge
from privatelane_paths.sources.export import read_export
from privatelane_paths.sources.graph import network_of
from privatelane_paths.sources.preview_json import read_preview
from privatelane_paths.verdicts import Verdict
from privatelane_paths.workloads import needs, pulls
from tests.programs import Made, Out, Program
from tests.rules.networks import GROUP, Net

COMPONENT = "eks:index:Cluster"
CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
Reading = Callable[[Program], Network]


def from_unknown_ids(program: Program) -> Network:
    return network_of(program.resources(known=False))


def from_known_ids(program: Program) -> Network:
    return network_of(program.resources(known=True))


def from_a_preview_file(program: Program) -> Network:
    reading = read_preview(program.preview())
    return network_of(reading.resources, reading.settings)


def from_an_export_file(program: Program) -> Network:
    reading = read_export(program.export())
    return network_of(reading.resources, reading.settings)


every_reading = pytest.mark.parametrize(
    "read", [from_unknown_ids, from_known_ids, from_a_preview_file, from_an_export_file]
)


def closed(net: Net, **inputs: Any) -> Made:
    """A cluster of pulumi-eks of which nothing but its URN and its arguments is seen."""
    return net.program.add(COMPONENT, "main", {"vpcId": net.vpc.id, **inputs}, custom=False)


def opened(net: Net) -> Made:
    """The same with what pulumi-eks registers below it."""
    component = closed(net)
    cluster = net.program.add(
        CLUSTER,
        "main-eksCluster",
        {"name": "main", "vpcConfig": {"subnetIds": [one.id for one in net.private.values()]}},
        parent=component,
        identifier="main",
    )
    net.program.add(
        NODES,
        "main-nodes",
        {"clusterName": cluster.id, "subnetIds": [net.private["a"].id]},
        parent=component,
    )
    return component


def only(network: Network) -> Workload:
    (found,) = network.workloads
    return found


@every_reading
def test_a_cluster_of_pulumi_eks_is_judged_by_its_children_where_they_are_shown(
    read: Reading,
) -> None:
    net = Net(nat=False)
    opened(net)

    found = only(read(net.program))

    assert (found.name, found.kind) == ("main-nodes", WorkloadKind.EKS_NODES)
    assert found.subnets == Refs.of([net.private["a"].urn])
    (group,) = found.security_groups.certain
    assert group.endswith("aws:eks/cluster:Cluster::main-eksCluster#cluster-security-group")


@every_reading
def test_where_a_closed_cluster_runs_its_nodes_is_its_own_choice(read: Reading) -> None:
    net = Net()
    made = closed(net, privateSubnetIds=[one.id for one in net.private.values()])

    found = only(read(net.program))

    assert found.key == made.urn
    assert found.subnets.certain == frozenset()
    assert found.subnets.possible == {one.urn for one in net.private.values()}
    assert found.subnets.missing == "the subnets that main chooses for its nodes"
    assert found.security_groups == Refs.anything("the security groups that main makes")


@every_reading
def test_nodes_with_subnets_of_their_own_are_certain_even_in_a_closed_cluster(
    read: Reading,
) -> None:
    net = Net()
    closed(net, nodeSubnetIds=[net.private["a"].id], subnetIds=[net.public["a"].id])

    assert only(read(net.program)).subnets == Refs.of([net.private["a"].urn])


@every_reading
def test_a_closed_cluster_without_default_nodes_runs_none(read: Reading) -> None:
    net = Net()
    closed(net, skipDefaultNodeGroup=True)

    assert read(net.program).workloads == ()


@every_reading
@pytest.mark.parametrize("known_inputs", [True, False])
def test_a_closed_cluster_is_never_proved(read: Reading, known_inputs: bool) -> None:
    """Not even where all lanes of the network are: where its nodes are is not known."""
    net = Net(nat=False).endpoints()
    net.interface("ec2")
    net.interface("sts")
    subnets = [one.id for one in net.private.values()]
    closed(net, **({"privateSubnetIds": subnets} if known_inputs else {}))
    network = read(net.program)

    found = pulls(network)

    assert {one.verdict for one in found} == {Verdict.UNKNOWN}
    assert all("the subnets that main chooses for its nodes" in one.missing for one in found)


@every_reading
def test_subnets_given_to_a_closed_cluster_keep_their_lanes(read: Reading) -> None:
    """It leaves routes alone, so a NAT beneath it is refuted, and endpoints are proved."""
    for net, verdict in ((Net(), Verdict.REFUTED), (Net().endpoints(), Verdict.PROVED)):
        closed(net, privateSubnetIds=[one.id for one in net.private.values()])
        judge = Judge(read(net.program))
        lane = judge.lane(net.private["a"].urn, "ecr.layers")
        assert lane.verdict is verdict


def behind_a_group(net: Net, source: object) -> None:
    """Endpoints that only admit the security group named by `source`."""
    rule = {"protocol": "tcp", "fromPort": 443, "toPort": 443, "securityGroups": [source]}
    group = net.program.add(GROUP, "https", {"vpcId": net.vpc.id, "ingress": [rule]})
    for service in ("ecr.api", "ecr.dkr"):
        net.interface(service, securityGroupIds=[group.id])
    net.s3()


def node_group(net: Net, cluster: Out) -> None:
    inputs = {"clusterName": cluster, "subnetIds": [net.private["a"].id]}
    net.program.add(NODES, "extra", inputs)


def test_a_node_group_of_a_closed_cluster_has_groups_that_nobody_knows() -> None:
    """Neither proved nor refuted: whether the endpoint admits the group is not to be seen."""
    net = Net(nat=False)
    component = closed(net, skipDefaultNodeGroup=True)
    node_group(net, Out("main-eksCluster-1234567", (component.urn,)))
    behind_a_group(net, Out("sg-1", (component.urn,)))
    network = from_unknown_ids(net.program)

    workload = only(network)
    (pull,) = pulls(network)

    assert workload.security_groups == Refs.anything("the cluster security group of extra")
    assert isinstance(pull.works, Unknown)


def test_a_node_group_of_an_open_cluster_has_the_clusters_group() -> None:
    net = Net(nat=False)
    component = opened(net)
    cluster = next(one.made for one in net.program.entries if one.type == CLUSTER)
    # The output of a remote component brings the dependencies that the provider returned.
    node_group(net, Out("main", (component.urn, cluster.urn)))
    group = Out("sg-1", (cluster.urn,))
    behind_a_group(net, group)
    network = from_unknown_ids(net.program)

    extra = next(one for one in network.workloads if one.name == "extra")
    (pull,) = (one for one in pulls(network) if one.workload == extra.key)

    assert extra.security_groups == Refs.of([f"{cluster.urn}#cluster-security-group"])
    assert [lane.kind.value for lane in pull.lanes] == [
        "interface-endpoint",
        "interface-endpoint",
        "gateway-endpoint",
    ]


def test_needs_of_a_doubtful_cluster_are_those_of_any_node() -> None:
    net = Net()
    first, second = (
        net.program.add(CLUSTER, name, {"vpcConfig": {"subnetIds": []}}) for name in ("one", "two")
    )
    agent = {"clusterName": first.id, "addonName": "eks-pod-identity-agent"}
    net.program.add("aws:eks/addon:Addon", "agent", agent)
    node_group(net, Out("one", (first.urn, second.urn)))

    network = from_unknown_ids(net.program)

    assert only(network).services == ("ec2", "sts")
    assert {one.lane.service for one in needs(network)} == {"ec2", "sts"}


def test_tags_that_name_the_cluster_only_later_still_tell_whose_nodes_they_are() -> None:
    net = Net()
    cluster = net.program.add(CLUSTER, "main", {"vpcConfig": {"subnetIds": []}})
    agent = {"clusterName": cluster.id, "addonName": "eks-pod-identity-agent"}
    net.program.add("aws:eks/addon:Addon", "agent", agent)
    key = Out("kubernetes.io/cluster/main-1234567", (cluster.urn,))
    inputs = {
        "vpcZoneIdentifiers": [net.private["a"].id],
        "tags": [{"key": key, "value": "owned", "propagateAtLaunch": True}],
    }
    net.program.add("aws:autoscaling/group:Group", "nodes", inputs)

    found = only(from_unknown_ids(net.program))

    assert (found.name, found.services) == ("nodes", ("ec2", "eks-auth", "sts"))

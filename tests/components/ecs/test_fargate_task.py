"""What a task consists of and needs, told from its settings alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privatelane._invalid import InvalidInput
from privatelane.ecs._container import EXEC_PATHS, Host, check_parameter, check_secret, containers
from privatelane.ecs.fargate_task import needs_of, plan_task
from tests.components.ecs.fargate import ACCOUNT, IMAGE, Later, deployed, refused, resolved

SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:db-AbCdEf"


PLAIN = Host()
EXEC = Host(exec=True)
WINDOWS = Host(windows=True)


def definition(settings: Mapping[str, Any], host: Host = PLAIN) -> dict[str, Any]:
    (one,) = containers("web", {"image": IMAGE, **settings}, host).definitions
    return one


def refusal(settings: Mapping[str, Any], name: str = "web") -> str:
    with pytest.raises(InvalidInput) as refused:
        plan_task(name, {"image": IMAGE, **settings})
    return str(refused.value)


@given(
    image=st.sampled_from([IMAGE, "nginx", "public.ecr.aws/a/b"]),
    shell=st.booleans(),
    key=st.booleans(),
    secrets=st.booleans(),
    parameters=st.booleans(),
    connect=st.booleans(),
    uses=st.lists(st.sampled_from(["dynamodb", "s3", "sqs", "secrets"]), max_size=3),
)
def test_each_need_follows_from_one_setting(
    image: str,
    shell: bool,
    key: bool,
    secrets: bool,
    parameters: bool,
    connect: bool,
    uses: list[str],
) -> None:
    task: dict[str, Any] = {"image": image, "exec": shell, "uses": uses}
    task |= {"exec_kms_key_arn": "arn:key"} if key else {}
    task |= {"secrets": {"PASSWORD": SECRET}} if secrets else {}
    task |= {"parameters": {"LICENSE": "/web/license"}} if parameters else {}
    task |= {"service_connect": {"namespace_arn": "arn:ns"}} if connect else {}
    expected = {
        "image-pull": image == IMAGE,
        "awslogs": True,
        "exec": shell,
        "cmk": shell and key,
        "secrets": secrets,
        "parameters": parameters,
        "service-connect": connect,
    }
    assert set(needs_of(task)) == {need for need, has in expected.items() if has} | set(uses)
    assert len(needs_of(task)) == len(set(needs_of(task)))


def test_an_image_known_only_later_counts_as_one_of_ecr() -> None:
    found: list[tuple[str, ...]] = []
    deployed(lambda: found.append(needs_of(resolved({"image": Later("nginx")}))))
    assert found == [("image-pull", "awslogs")]


def test_sidecars_have_needs_too() -> None:
    sidecar = {"image": IMAGE, "secrets": {"KEY": SECRET}, "parameters": {"P": "p"}}
    assert set(needs_of({"image": "nginx", "sidecars": {"proxy": sidecar}})) == {
        "image-pull",
        "awslogs",
        "secrets",
        "parameters",
    }


def test_secrets_under_a_key_of_ones_own_call_for_no_kms_endpoint() -> None:
    """Secrets Manager decrypts by itself; only the agent of Exec calls KMS from the task."""
    task = {
        "image": IMAGE,
        "secrets": {"PASSWORD": SECRET},
        "secrets_kms_key_arns": ["arn:key"],
    }
    assert "cmk" not in needs_of(task)


def test_a_use_that_is_no_need_is_refused() -> None:
    with pytest.raises(InvalidInput, match="did you mean 'dynamodb'"):
        needs_of({"image": IMAGE, "uses": ["dynamo-db"]})


def test_the_root_file_system_is_read_only_on_linux_and_unsaid_on_windows() -> None:
    assert definition({})["readonlyRootFilesystem"] is True
    assert definition({"read_only": False})["readonlyRootFilesystem"] is False
    assert "readonlyRootFilesystem" not in definition({}, WINDOWS)


def test_exec_beside_a_read_only_root_gets_the_folders_of_its_agent() -> None:
    one = definition({}, EXEC)
    assert one["linuxParameters"] == {"initProcessEnabled": True}
    assert one["mountPoints"] == [
        {"sourceVolume": "web-exec-lib", "containerPath": "/var/lib/amazon", "readOnly": False},
        {"sourceVolume": "web-exec-log", "containerPath": "/var/log/amazon", "readOnly": False},
    ]


def test_exec_beside_a_writable_root_needs_no_volumes() -> None:
    assert "mountPoints" not in definition({"read_only": False}, EXEC)
    assert "mountPoints" not in definition({}, Host(exec=True, windows=True))


def test_each_container_has_the_folders_of_its_own_agent() -> None:
    """Two agents in one folder would take each other's registration."""
    task = {"image": IMAGE, "sidecars": {"proxy": {"image": IMAGE}}}
    volumes = containers("web", task, Host(exec=True)).volumes
    assert volumes == [f"{one}-{key}" for one in ("web", "proxy") for key in EXEC_PATHS]


def test_a_scratch_folder_in_the_place_of_one_of_the_agents_is_not_mounted_twice() -> None:
    one = definition({"scratch_paths": ["/var/lib/amazon"]}, EXEC)
    paths = [mount["containerPath"] for mount in one["mountPoints"]]
    assert paths == ["/var/lib/amazon", "/var/log/amazon"]


def test_writable_folders_are_volumes_or_memory() -> None:
    one = definition(
        {"scratch_paths": ["/srv/tmp", "/var/cache/nginx"], "tmpfs_mib": {"/run": 16.0}}
    )
    assert one["mountPoints"] == [
        {"sourceVolume": "web-srv-tmp", "containerPath": "/srv/tmp", "readOnly": False},
        {
            "sourceVolume": "web-var-cache-nginx",
            "containerPath": "/var/cache/nginx",
            "readOnly": False,
        },
    ]
    assert one["linuxParameters"] == {"tmpfs": [{"containerPath": "/run", "size": 16}]}


def test_a_container_definition_holds_what_was_asked_for_and_nothing_else() -> None:
    one = definition(
        {
            "port": 8080.0,
            "app_protocol": "grpc",
            "environment": {"B": "2", "A": "1"},
            "secrets": {"PASSWORD": f"{SECRET}:password::"},
            "parameters": {"LICENSE": "/web/license"},
            "command": ["serve"],
            "entry_point": ["/bin/web"],
            "user": "1000:1000",
            "working_directory": "/srv",
            "stop_timeout": 120,
            "health_check": {"command": ["CMD-SHELL", "true"], "interval": 10},
        }
    )
    assert one == {
        "name": "web",
        "image": IMAGE,
        "essential": True,
        "environment": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
        "secrets": [
            {"name": "LICENSE", "valueFrom": "/web/license"},
            {"name": "PASSWORD", "valueFrom": f"{SECRET}:password::"},
        ],
        "readonlyRootFilesystem": True,
        "portMappings": [
            {
                "containerPort": 8080,
                "hostPort": 8080,
                "protocol": "tcp",
                "name": "grpc-8080",
                "appProtocol": "grpc",
            }
        ],
        "command": ["serve"],
        "entryPoint": ["/bin/web"],
        "user": "1000:1000",
        "workingDirectory": "/srv",
        "stopTimeout": 120,
        "healthCheck": {
            "command": ["CMD-SHELL", "true"],
            "interval": 10,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 0,
        },
    }


def test_tcp_is_no_value_of_app_protocol_but_its_absence() -> None:
    (port,) = definition({"port": 5432, "app_protocol": "tcp"})["portMappings"]
    assert port == {"containerPort": 5432, "hostPort": 5432, "protocol": "tcp", "name": "tcp-5432"}


def test_the_main_container_waits_for_the_sidecars_that_are_awaited() -> None:
    check = {"command": ["CMD", "true"]}
    task = {
        "image": IMAGE,
        "sidecars": {
            "migrate": {"image": IMAGE, "essential": False, "awaited": "SUCCESS"},
            "proxy": {"image": IMAGE, "awaited": "HEALTHY", "health_check": check},
            "agent": {"image": IMAGE},
        },
    }
    main, agent, migrate, proxy = containers("web", task, Host()).definitions
    assert main["dependsOn"] == [
        {"containerName": "migrate", "condition": "SUCCESS"},
        {"containerName": "proxy", "condition": "HEALTHY"},
    ]
    assert [one["essential"] for one in (agent, migrate, proxy)] == [True, False, True]


@pytest.mark.parametrize(
    ("reference", "arn"),
    [
        (SECRET, SECRET),
        (f"{SECRET}:password::", SECRET),
        (f"{SECRET}:password:AWSCURRENT:", SECRET),
    ],
)
def test_the_arn_of_a_secret_is_what_stands_before_the_key(reference: str, arn: str) -> None:
    assert check_secret("task.secrets.PASSWORD", reference) == arn


@pytest.mark.parametrize(
    "reference",
    ["license", "/web/license", "arn:aws:ssm:eu-west-1:123456789012:parameter/web/license"],
)
def test_a_parameter_is_named_or_given_by_its_arn(reference: str) -> None:
    assert check_parameter("task.parameters.LICENSE", reference) == reference


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"image": "Web"},
            (
                "task.image is 'Web', it must be an image reference such as"
                " '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1.4.2'"
            ),
        ),
        ({"image": None}, "task.image is None, it must be an image reference"),
        (
            {"cpu": 256, "memory": 8192},
            (
                "task.memory is 8192 with cpu 256, Fargate offers 512, 1024 or 2048 MiB there; the"
                " nearest size is cpu 1024 with memory 8192"
            ),
        ),
        ({"cpu": "256"}, "task.cpu is '256', it must be a whole number from 1 to 1048576"),
        (
            {"architecture": "arm64"},
            (
                "task.architecture is 'arm64', it must be one of 'X86_64' or 'ARM64'; did you mean"
                " 'ARM64'?"
            ),
        ),
        (
            {"architecture": "ARM64", "operating_system": "WINDOWS_SERVER_2022_CORE"},
            (
                "task.architecture is 'ARM64' with operating_system 'WINDOWS_SERVER_2022_CORE',"
                " Fargate runs Windows on 'X86_64' only"
            ),
        ),
        (
            {"operating_system": "WINDOWS_SERVER_2022_CORE"},
            (
                "task.cpu is 256, Fargate offers 1024, 2048 or 4096 to Windows tasks; the nearest"
                " size is cpu 1024 with memory 2048"
            ),
        ),
        (
            {
                "operating_system": "WINDOWS_SERVER_2022_CORE",
                "cpu": 1024,
                "memory": 2048,
                "read_only": True,
            },
            "task.read_only is True, Windows containers have no read-only root file system",
        ),
        (
            {
                "operating_system": "WINDOWS_SERVER_2022_CORE",
                "cpu": 1024,
                "memory": 2048,
                "tmpfs_mib": {"/run": 16},
            },
            "task.tmpfs_mib is given, Windows containers have no tmpfs",
        ),
        (
            {
                "operating_system": "WINDOWS_SERVER_2022_CORE",
                "cpu": 1024,
                "memory": 2048,
                "service_connect": {"namespace_arn": "arn:ns"},
            },
            (
                "task.service_connect is given with task.operating_system"
                " 'WINDOWS_SERVER_2022_CORE', Service Connect has no Windows containers"
            ),
        ),
        ({"port": 0}, "task.port is 0, it must be a whole number from 1 to 65535"),
        ({"port": 65536}, "task.port is 65536, it must be a whole number from 1 to 65535"),
        (
            {"app_protocol": "https"},
            (
                "task.app_protocol is 'https', it must be one of 'grpc', 'http', 'http2' or 'tcp';"
                " did you mean 'http'?"
            ),
        ),
        (
            {"ephemeral_storage_gib": 20},
            "task.ephemeral_storage_gib is 20, it must be a whole number from 21 to 200",
        ),
        (
            {"secrets": {"PASSWORD": "db"}},
            (
                "task.secrets.PASSWORD is 'db', it must be the ARN of a Secrets Manager secret,"
                " such as 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf'"
            ),
        ),
        (
            {"parameters": {"LICENSE": "web license"}},
            (
                "task.parameters.LICENSE is 'web license', it must be the name or ARN of a"
                " Parameter Store parameter, such as '/web/license'"
            ),
        ),
        (
            {"parameters": {"LICENSE": SECRET}},
            (
                f"task.parameters.LICENSE is '{SECRET}', it must be the name or ARN of a Parameter"
                " Store parameter, such as '/web/license'"
            ),
        ),
        (
            {"environment": {"PASSWORD": "x"}, "secrets": {"PASSWORD": SECRET}},
            "task.environment and task.secrets both have 'PASSWORD', a variable has one value",
        ),
        ({"environment": {"A=B": "1"}}, "task.environment has 'A=B', which is no name"),
        (
            {"scratch_paths": ["tmp"]},
            "task.scratch_paths has 'tmp', it must be an absolute path below the root",
        ),
        (
            {"scratch_paths": ["/"]},
            "task.scratch_paths has '/', it must be an absolute path below the root",
        ),
        (
            {"scratch_paths": ["/a/b", "/a-b"]},
            "task.scratch_paths has '/a/b' and '/a-b', which would be one volume 'web-a-b'",
        ),
        (
            {"health_check": {"command": "true"}},
            (
                "task.health_check.command is 'true', it must be a list such as ['CMD-SHELL', 'curl"
                " -f http://localhost/ || exit 1']"
            ),
        ),
        (
            {"health_check": {"command": ["curl"]}},
            "task.health_check.command begins with 'curl', it must begin with 'CMD' or 'CMD-SHELL'",
        ),
        (
            {"health_check": {"command": ["CMD", "true"], "interval": 1}},
            "task.health_check.interval is 1, it must be a whole number from 5 to 300",
        ),
        (
            {"stop_timeout": 121},
            "task.stop_timeout is 121, it must be a whole number from 0 to 120",
        ),
        (
            {"exec_kms_key_arn": "arn:key"},
            "task.exec_kms_key_arn is given, but task.exec is not True",
        ),
        (
            {"log_retention_days": 31},
            (
                "task.log_retention_days is 31, CloudWatch Logs does not keep logs for that many"
                " days; the nearest it accepts is 30"
            ),
        ),
        (
            {"enviroment": {}},
            "task has no argument 'enviroment', did you mean 'environment'?",
        ),
        (
            {"sidecars": {"web": {"image": IMAGE}}},
            "task.sidecars has 'web', which is the main container's name",
        ),
        (
            {"sidecars": {"a b": {"image": IMAGE}}},
            "task.sidecars is 'a b', it must be up to 255 letters, digits, hyphens and underscores",
        ),
        (
            {"sidecars": {"proxy": {"image": IMAGE, "awaited": "SUCCESS"}}},
            (
                "task.sidecars.proxy.awaited is 'SUCCESS' for an essential container, whose end"
                " ends the task; set essential to False"
            ),
        ),
        (
            {"sidecars": {"proxy": {"image": IMAGE, "awaited": "HEALTHY"}}},
            "task.sidecars.proxy.awaited is 'HEALTHY', but it has no health_check",
        ),
        ({"uses": "s3"}, "task.uses is 's3', it must be a plain list"),
        (
            {"uses": ["dynamo-db"]},
            "task.uses holds 'dynamo-db', which is no need; did you mean 'dynamodb'?",
        ),
        ({"service_connect": {}}, "task.service_connect.namespace_arn is missing"),
        (
            {"pull_through_prefixes": "hub"},
            "task.pull_through_prefixes is 'hub', it must be a plain list",
        ),
        ({"policy_arns": ["arn:a"]}, "task.policy_arns is a list, it must be a plain map"),
        ({"log_group_name": ""}, "task.log_group_name is '', it must be plain text"),
    ],
)
def test_settings_that_ecs_would_refuse_are_refused_in_one_sentence(
    settings: Mapping[str, Any], sentence: str
) -> None:
    assert refusal(settings) == sentence


def test_a_name_that_no_container_can_have_is_refused() -> None:
    assert refusal({}, name="web.api") == (
        "name is 'web.api', it must be up to 255 letters, digits, hyphens and underscores"
    )


def test_names_of_variables_must_be_plain() -> None:
    assert refused({"environment": Later({"A": "1"})}) == (
        "task.environment is of type Output, it must be a plain map"
    )


def test_a_name_that_leaves_no_room_for_the_names_of_roles_is_refused() -> None:
    plan_task("w" * 44, {"image": IMAGE})
    assert refusal({}, name="w" * 45) == (
        f"name is '{'w' * 45}', with its endings the names of roles leave room for 44 characters"
    )

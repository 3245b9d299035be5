"""Uses encrypted configuration of every type."""

import pulumi
import pulumi_aws as aws

config = pulumi.Config()
password = config.require_secret("password")
port = config.require_secret_int("port")
database = config.require_secret_object("database")
aws.ssm.Parameter("password", type="SecureString", value=password, name="password")
aws.ssm.Parameter("url", type="String", value=f"db://{config.require('password')}@db", name="url")
aws.ssm.Parameter(
    "applied", type="String", value=password.apply(lambda text: f"x{text}"), name="applied"
)
aws.ec2.SecurityGroup(
    "database",
    name="database",
    ingress=[{"protocol": "tcp", "from_port": port, "to_port": 5432, "cidr_blocks": []}],
)
aws.ssm.Parameter("user", type="String", value=database["user"], name="user")

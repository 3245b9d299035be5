"""The endpoint services that AWS offers, by the short names it gives them.

The short name is what follows the Region in the service's full name: ``ecr.api`` for
``com.amazonaws.us-east-1.ecr.api``. A service offered both ways has the short name for its gateway
endpoint and ``-interface`` appended for the other: ``s3`` and ``s3-interface``.

Sources, read in November 2026: the AWS PrivateLink guide (services that integrate, cross-Region
services, gateway endpoints), the VPC guide (services that support IPv6), and for the prefixes of
other partitions the AWS CDK 2.275. A Region may offer fewer services than are listed here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from privatelane._invalid import InvalidInput, described, nearest
from privatelane._zones import REGIONS


def _names(table: str) -> frozenset[str]:
    return frozenset(table.split())


#: Services with gateway endpoints, which are routes and cost nothing.
_GATEWAY = frozenset({"dynamodb", "s3", "s3express"})

#: Services offered by gateway and by interface: the name here → AWS's name.
_ALSO_INTERFACE = {"dynamodb-interface": "dynamodb", "s3-interface": "s3"}

#: Services named ``com.amazonaws.<region>.<service>`` in the commercial partition.
_INTERFACE = _names(
    """
    access-analyzer access-analyzer-fips account acm acm-fips acm-pca acm-pca-fips
    agreement-marketplace airflow.api airflow.api-fips airflow.env airflow.env-fips airflow.ops
    analytics-omics analytics-omics-fips apigateway app-integrations appconfig appconfig-fips
    appconfigdata appconfigdata-fips application-autoscaling application-signals
    applicationinsights appmesh appmesh-envoy-management apprunner apprunner.requests
    appstream.api appstream.streaming appsync-api apptest aps aps-workspaces arsenal-discovery
    athena auditmanager autoscaling autoscaling-fips autoscaling-plans awsconnector b2bi backup
    backup-gateway batch bcm-pricing-calculator bedrock bedrock-agent bedrock-agent-runtime
    bedrock-agentcore bedrock-agentcore-control bedrock-agentcore.gateway
    bedrock-data-automation bedrock-data-automation-fips bedrock-data-automation-runtime
    bedrock-data-automation-runtime-fips bedrock-fips bedrock-runtime bedrock-runtime-fips
    billing billingconductor braket cases cassandra cassandra-fips ce chime-sdk-voice cleanrooms
    cleanrooms-fips cleanrooms-ml cloudcontrolapi cloudcontrolapi-fips clouddirectory
    cloudformation cloudformation-fips cloudhsmv2 cloudtrail codeartifact.api
    codeartifact.repositories codebuild codebuild-fips codecatalyst.git codecatalyst.packages
    codecommit codecommit-fips codeconnections.api codedeploy codedeploy-commands-secure
    codedeploy-fips codeguru-profiler codeguru-reviewer codepipeline codestar-connections.api
    codewhisperer cognito-identity cognito-identity-fips cognito-idp cognito-idp-fips comprehend
    comprehend-fips comprehendmedical compute-optimizer config config-fips connect
    connect-campaigns connect-fips console control-storage-omics control-storage-omics-fips
    controlcatalog controltower controltower-fips cost-optimization-hub data-servicediscovery
    data-servicediscovery-fips databrew databrew-fips dataexchange datasync datazone
    datazone-fips deadline.management deadline.scheduling detective detective-fips
    deviceadvisor.iot devops-guru dicom-medical-imaging directconnect directconnect-fips
    discovery discovery-marketplace dlm dlm-fips dms dms-fips drs ds ds-data ds-data-fips dsql
    dynamodb-fips dynamodb-streams ebs ebs-fips ec2 ec2-fips ec2messages ecr-fips.api
    ecr-fips.dkr ecr-public.api ecr.api ecr.dkr ecs ecs-agent ecs-fips ecs-telemetry eks
    eks-auth eks-fips eks-proxy elasticache elasticache-fips elasticbeanstalk
    elasticbeanstalk-health elasticfilesystem elasticfilesystem-fips elasticloadbalancing
    elasticmapreduce elasticmapreduce-fips email email-fips email-smtp emr-containers
    emr-dashboard emr-serverless emr-serverless-services.livy emr-serverless.dashboard
    emrwal.prod entityresolution entityresolution-fips events events-fips evidently
    evidently-dataplane evs evs-fips execute-api finspace finspace-api fis fis-fips fms fms-fips
    forecast forecast-fips forecastquery forecastquery-fips frauddetector fsx fsx-fips gamelift
    gameliftstreams geo.geofencing geo.maps geo.metadata geo.places geo.routes geo.tracking
    git-codecommit git-codecommit-fips glue glue.dashboard grafana grafana-workspace greengrass
    groundstation groundstation-fips guardduty guardduty-data guardduty-data-fips guardduty-fips
    healthlake highlander identitystore imagebuilder inspector-scan inspector-scan-fips
    inspector2 inspector2-fips internetmonitor internetmonitor-fips invoicing iot-fips.api
    iot-fips.tunneling.api iot-fips.tunneling.data iot.api iot.credentials iot.data
    iot.fleethub.api iot.tunneling.api iot.tunneling.data iotfleetwise
    iotmanagedintegrations-fips.api iotmanagedintegrations.api iotroborunner iotsitewise.api
    iotsitewise.data iottwinmaker.api iottwinmaker.data iotwireless.api ivs.contribute kafka
    kafka-fips kafkaconnect kendra kinesis-firehose kinesis-streams kinesis-streams-fips
    kinesisanalytics kinesisanalytics-fips kms kms-fips lakeformation lambda launchwizard
    license-manager license-manager-fips license-manager-linux-subscriptions
    license-manager-linux-subscriptions-fips license-manager-user-subscriptions
    license-manager-user-subscriptions-fips lightsail logs lookoutequipment lookoutmetrics
    lookoutvision lorawan.cups lorawan.lns m2 macie2 macie2-fips mail-manager mail-manager-fips
    mail-manager-smtp.auth.fips mail-manager-smtp.open.fips managedblockchain-query
    managedblockchain.bitcoin.mainnet managedblockchain.bitcoin.testnet mediaconnect
    mediaconvert mediaconvert-fips medical-imaging memory-db memorydb-fips metering-marketplace
    mgn migrationhub-orchestrator migrationhub-strategy models-v2-lex monitoring mq mq-fips
    neptune-graph neptune-graph-data neptune-graph-fips network-firewall network-firewall-fips
    networkflowmonitor networkflowmonitorreports networkmanager networkmonitor nimble
    notifications notifications-contacts oam observabilityadmin oidc-eks organizations
    organizations-fips osis outposts panorama payment-cryptography.controlplane
    payment-cryptography.dataplane pca-connector-ad pca-connector-scep pcs pcs-fips personalize
    personalize-events personalize-runtime pi pi-fips pinpoint pinpoint-sms-voice-v2 pipes
    pipes-data pipes-fips polly polly-fips pricing.api private-networks profile proton q qapps
    qldb.session quicksight-website ram ram-fips rbin rbin-fips rds rds-data rds-fips redshift
    redshift-data redshift-data-fips redshift-fips redshift-serverless redshift-serverless-fips
    refactor-spaces rekognition rekognition-fips repostspace resource-groups
    resource-groups-fips robomaker rolesanywhere rolesanywhere-fips route53profiles rum
    rum-dataplane runtime-medical-imaging runtime-v2-lex s3-fips s3-outposts s3tables s3vectors
    sagemaker-data-science-assistant sagemaker-geospatial sagemaker.api sagemaker.api-fips
    sagemaker.featurestore-runtime sagemaker.featurestore-runtime-fips sagemaker.metrics
    sagemaker.runtime sagemaker.runtime-fips scheduler schemas scn secretsmanager securityagent
    securityhub securityhub-fips securitylake securitylake-fips serverlessrepo
    service.user-subscriptions servicecatalog servicecatalog-appregistry servicediscovery
    servicediscovery-fips servicequotas shield shield-fips signin simspaceweaver sms sms-fips
    snow-device-management sns social-messaging social-messaging-fips sqs sqs-fips ssm
    ssm-contacts ssm-fips ssm-incidents ssm-incidents-fips ssm-quicksetup ssm-sap ssm-sap-fips
    ssmmessages sso-oauth states storage-omics storagegateway streaming-rekognition
    streaming-rekognition-fips sts sts-fips sts-oidc swf swf-fips sync-states synthetics
    synthetics-fips tagging tags-omics tags-omics-fips tax textract textract-fips thinclient.api
    timestream-influxdb timestream-influxdb-fips tnb transcribe transcribe-fips
    transcribestreaming transcribestreaming-fips transfer transfer.server transform
    transform-custom translate trustedadvisor verifiedpermissions verifiedpermissions-fips
    voiceid vpc-lattice wafv2 wafv2-fips wellarchitected wisdom workflows-omics
    workflows-omics-fips workmail workmailmessageflow workspaces workspaces-web
    workspaces-web-fips xray
    """
)

#: Services under another prefix, followed by the Region all the same.
_PREFIXES = {
    **dict.fromkeys(
        (
            "bcm-data-exports",
            "freetier",
            "kendra-ranking",
            "qbusiness",
            "resource-explorer-2",
            "resource-explorer-2-fips",
            "s3files",
            "s3files-fips",
        ),
        "aws.api",
    ),
    **dict.fromkeys(("experiments", "notebook", "partner-app", "studio"), "aws.sagemaker"),
    "cassandra-streams": "api.aws",
}

#: Services whose full name holds no Region.
_GLOBAL = {
    "cloudfront": "com.amazonaws.cloudfront",
    "codecatalyst": "aws.api.global.codecatalyst",
    "iam": "com.amazonaws.iam",
    "route53": "com.amazonaws.route53",
    "s3-global.accesspoint": "com.amazonaws.s3-global.accesspoint",
    "savingsplans": "com.amazonaws.savingsplans",
}

#: Where a global service runs, by partition, as far as AWS documents it.
_HOME_REGIONS = {
    "iam": {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"},
    "route53": {"aws": "us-east-1"},
}

#: Amazon Timestream has its endpoints by cell.
_TIMESTREAM_CELL = re.compile(r"timestream\.(ingest|query)-cell\d+")

#: Services that PrivateLink reaches from another Region.
_CROSS_REGION = _names(
    """
    ecr.api ecr.dkr ecs ecs-fips iam kinesis-firehose kinesisanalytics kinesisanalytics-fips kms
    kms-fips lambda route53 s3-interface
    """
)

#: Zones from which PrivateLink reaches no other Region.
NO_CROSS_REGION_ZONES = frozenset({"apne1-az3", "apne2-az2", "apne2-az4", "use1-az3", "usw1-az2"})

#: Services whose endpoints are documented to take IPv6. For ECR two pages of AWS disagree; its own
#: guide, which says so, is taken at its word. EC2 and Elastic Load Balancing take IPv4 only.
_DUAL_STACK = _names(
    """
    acm-pca apigateway appconfig appconfigdata application-autoscaling aps aps-workspaces athena
    backup batch bedrock bedrock-agent bedrock-agent-runtime bedrock-runtime cassandra
    cassandra-streams cloudformation cloudtrail codeartifact.api codeartifact.repositories codebuild
    codecommit codedeploy config data-servicediscovery datasync ec2messages ecr.api ecr.dkr ecs
    ecs-agent ecs-telemetry eks eks-auth elasticfilesystem email-smtp events execute-api glue
    guardduty guardduty-data kinesis-firehose kinesis-streams kms lambda logs monitoring oidc-eks
    organizations pipes polly ram rds-data resource-groups rolesanywhere route53 s3 s3-fips
    s3-interface sagemaker.api sagemaker.runtime secretsmanager servicediscovery sns sqs ssm
    ssmmessages states sts sync-states tagging transcribe transfer translate verifiedpermissions
    vpc-lattice wafv2 xray
    """
)

#: Services without names of their own in the VPC: clients must be told the endpoint's address.
_NO_PRIVATE_DNS = frozenset(
    {"apprunner.requests", "dynamodb-fips", "dynamodb-interface", "transfer.server"}
)

#: Services that speak on other ports than 443.
_PORTS = {
    "cassandra": (9142,),
    "cassandra-fips": (9142,),
    "email-smtp": (465, 587, 2465, 2587),
    "iot.data": (443, 8443, 8883),
}

#: Services that accept the full-access policy only, as documented by PrivateLink or themselves.
_NO_ENDPOINT_POLICY = _names(
    """
    appmesh-envoy-management apprunner.requests appstream.api appstream.streaming awsconnector
    billing billingconductor email-smtp freetier iot.data iotsitewise.data lorawan.cups lorawan.lns
    neptune-graph neptune-graph-fips oidc-eks sts-oidc tax transfer.server
    """
)

#: Services called without AWS credentials: a policy that asks for a caller's account locks out
#: everyone who uses them as intended.
_UNSIGNED = _names(
    """
    bedrock-agentcore.gateway cognito-identity cognito-identity-fips cognito-idp cognito-idp-fips
    console execute-api rum-dataplane signin sso-oauth
    """
)

_CHINA = _names(
    """
    application-autoscaling appmesh-envoy-management athena autoscaling awsconnector backup batch
    cassandra cloudcontrolapi cloudformation codedeploy-commands-secure databrew dms ebs ec2 ecr.api
    ecr.dkr eks elasticache elasticbeanstalk elasticfilesystem elasticfilesystem-fips emr-containers
    execute-api fsx imagebuilder iot.data kinesis-streams lambda license-manager monitoring rds
    redshift redshift-data s3-interface sagemaker.api sagemaker.featurestore-runtime
    sagemaker.runtime securityhub servicecatalog sms sqs states sts sync-states synthetics
    transcribe transcribestreaming transfer xray
    """
)

#: Region → the prefix of its partition, and the services that have it there. All others are named
#: ``com.amazonaws`` in every partition.
_PARTITION_PREFIXES = {
    "cn-north-1": ("cn.com.amazonaws", _CHINA | {"iotsitewise.api", "iotsitewise.data"}),
    "cn-northwest-1": ("cn.com.amazonaws", _CHINA | {"account", "polly", "workspaces"}),
    "eusc-de-east-1": (
        "eu.amazonaws",
        frozenset({"ecr.api", "ecr.dkr", "execute-api", "securityhub"}),
    ),
    "us-iso-east-1": (
        "gov.ic.c2s",
        _names(
            """
            application-autoscaling athena autoscaling comprehend ebs ec2 ecr.api ecr.dkr
            elasticfilesystem elasticfilesystem-fips execute-api sagemaker.api sagemaker.runtime sns
            sqs textract textract-fips transcribe workspaces
            """
        ),
    ),
    "us-iso-west-1": (
        "gov.ic.c2s",
        _names(
            """
            autoscaling ebs ec2 ecr.api ecr.dkr elasticfilesystem elasticfilesystem-fips execute-api
            monitoring sns sqs workspaces
            """
        ),
    ),
    "us-isob-east-1": (
        "gov.sgov.sc2s",
        _names(
            """
            application-autoscaling autoscaling ebs ec2 ecr.api ecr.dkr elasticfilesystem
            elasticfilesystem-fips execute-api sagemaker.api sagemaker.runtime sns sqs workspaces
            """
        ),
    ),
    "us-isob-west-1": (
        "gov.sgov.sc2s",
        frozenset({"ecr.api", "ecr.dkr", "elasticfilesystem-fips", "execute-api"}),
    ),
    "us-isof-east-1": (
        "gov.ic.hci.csp",
        frozenset({"ebs", "ecr.api", "ecr.dkr", "execute-api"}),
    ),
    "us-isof-south-1": (
        "gov.ic.hci.csp",
        frozenset({"ebs", "ecr.api", "ecr.dkr", "execute-api"}),
    ),
    "eu-isoe-west-1": (
        "uk.adc-e.cloud",
        frozenset({"ebs", "ecr.api", "ecr.dkr", "execute-api"}),
    ),
}

#: First part of a Region's name → partition; longer parts first.
_PARTITIONS = {
    "us-isof-": "aws-iso-f",
    "us-isob-": "aws-iso-b",
    "us-iso-": "aws-iso",
    "eu-isoe-": "aws-iso-e",
    "us-gov-": "aws-us-gov",
    "eusc-": "aws-eusc",
    "cn-": "aws-cn",
}

_REGION = re.compile(r"[a-z]{2,4}(-[a-z]+)+-\d{1,2}")


@dataclass(frozen=True, slots=True)
class Service:
    """A service and the way it is reached."""

    #: The name in this library: the short name, or ``s3-interface`` and ``dynamodb-interface``.
    key: str

    @property
    def gateway(self) -> bool:
        """Whether it is reached through a route rather than through network interfaces."""
        return self.key in _GATEWAY

    @property
    def short_name(self) -> str:
        """AWS's short name, which both kinds of endpoint of a service share."""
        return _ALSO_INTERFACE.get(self.key, self.key)

    @property
    def is_global(self) -> bool:
        """Whether it is one and the same in every Region."""
        return self.key in _GLOBAL

    @property
    def ports(self) -> tuple[int, ...]:
        """The TCP ports it listens on."""
        return _PORTS.get(self.key, (443,))

    @property
    def private_dns(self) -> bool:
        """Whether the service's public name can resolve to the endpoint inside the VPC."""
        return not self.gateway and self.key not in _NO_PRIVATE_DNS

    @property
    def dual_stack(self) -> bool:
        """Whether its endpoint is documented to take IPv6 beside IPv4."""
        return self.key in _DUAL_STACK

    @property
    def cross_region(self) -> bool:
        """Whether an endpoint can reach the service in another Region."""
        return self.key in _CROSS_REGION

    @property
    def takes_policy(self) -> bool:
        """Whether its endpoint accepts a policy other than full access."""
        return self.key not in _NO_ENDPOINT_POLICY

    @property
    def signed(self) -> bool:
        """Whether those who use it as intended call it with AWS credentials."""
        return self.key not in _UNSIGNED

    def full_name(self, region: str) -> str:
        """Return the name that `CreateVpcEndpoint` knows the service by in `region`."""
        if self.key in _GLOBAL:
            return _GLOBAL[self.key]
        prefix, named = _PARTITION_PREFIXES.get(region, ("", frozenset[str]()))
        if self.key not in named:
            prefix = _PREFIXES.get(self.key, "com.amazonaws")
        # Amazon Transcribe ends its name in China as nothing else does.
        suffix = ".cn" if self.key == "transcribe" and region.startswith("cn-") else ""
        return f"{prefix}.{region}.{self.short_name}{suffix}"

    def home_region(self, region: str) -> str | None:
        """Return the Region that a global service runs in, seen from `region`; else None."""
        return _HOME_REGIONS.get(self.key, {}).get(partition(region))


def service(field: str, key: object) -> Service:
    """Return the service of that name.

    Raises:
        InvalidInput: AWS has no such service; the sentence names the nearest one.

    """
    if isinstance(key, str) and (key in _KEYS or _TIMESTREAM_CELL.fullmatch(key)):
        return Service(key)
    meant = None
    if isinstance(key, str):
        # Somebody may have copied the full name.
        short = re.sub(r"^[a-z.]*\.(amazonaws|api|aws|sagemaker)\.([a-z]+-[a-z-]+-\d\.)?", "", key)
        meant = short if short in _KEYS else nearest(short, _KEYS)
    hint = f"did you mean {meant!r}?" if meant else "it must be a short name such as 'ecr.api'"
    raise InvalidInput(f"{field} is {described(key)}, AWS has no endpoint of that name; {hint}")


def check_region(field: str, region: object) -> str:
    """Return `region` when it has the form of a Region's name.

    Raises:
        InvalidInput: it has not.

    """
    if isinstance(region, str) and _REGION.fullmatch(region):
        return region
    meant = nearest(region, REGIONS) if isinstance(region, str) else None
    raise InvalidInput(
        f"{field} is {described(region)}, it must be the name of a Region"
        f" such as {meant or 'us-east-1'!r}"
    )


def partition(region: str) -> str:
    """Return the partition that `region` is in, which is the second part of its ARNs."""
    return next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws")


_KEYS = _GATEWAY | _INTERFACE | _ALSO_INTERFACE.keys() | _PREFIXES.keys() | _GLOBAL.keys()

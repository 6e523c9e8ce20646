"""Operations of cloud command lines."""

from __future__ import annotations

import pytest
from command_effects import told

WHOLE = {
    "aws cloudtrail stop-logging --name t --region r": {"signal resource aws:cloudtrail/logging/t -> stop"},
    "aws --profile p cloudtrail delete-trail --name t": {"delete resource aws:cloudtrail/trail/t"},
    "aws guardduty update-detector --no-enable --detector-id $D": {
        "signal resource aws:guardduty/detector -> disable"
    },
    "aws logs delete-log-group --log-group-name g": {"delete resource aws:logs/log-group/g"},
    "aws ec2 run-instances --image-id ami-1 --count 1": {"create resource aws:ec2/instance/ami-1"},
    "aws ec2 terminate-instances --instance-ids i-1": {"delete resource aws:ec2/instance/i-1"},
    "aws ec2 describe-instances": {"read resource aws:ec2/instance"},
    "aws iam create-user --user-name eve": {"create resource aws:iam/user/eve", "create account eve"},
    "aws iam attach-user-policy --user-name eve --policy-arn a": {
        "write resource aws:iam/user-policy/eve",
        "escalate account eve",
    },
    "aws iam create-access-key --user-name eve": {
        "create resource aws:iam/access-key/eve",
        "write account eve",
    },
    "aws events put-rule --name r --schedule-expression x": {
        "write resource aws:events/rule/r",
        "schedule resource aws:events/rule/r",
    },
    "aws s3 rm s3://b/k": {"delete resource aws:s3/b/k"},
    "aws s3 sync --delete d s3://b": {
        "send path /app/d -> s3://b",
        "write resource aws:s3/b",
        "delete resource aws:s3/b/**?",
    },
    "aws s3 ls; aws configure list; aws help": set(),
    "aws s3api put-bucket-lifecycle-configuration --bucket b --lifecycle-configuration x": {
        "write resource aws:s3/b"
    },
    "gcloud logging sinks delete s --quiet": {"delete resource gcp:logging/sink/s"},
    "gcloud iam service-accounts create sa": {
        "create resource gcp:iam/service-account/sa",
        "create account sa",
    },
    "gcloud projects add-iam-policy-binding p --member=user:eve --role=roles/owner": {
        "write resource gcp:projects/iam-policy-binding/p",
        "escalate account user:eve",
    },
    "gcloud compute instances create v --zone=z": {"create resource gcp:compute/instance/v"},
    "gcloud beta compute instances stop v": {"signal resource gcp:compute/instance/v -> stop"},
    "gcloud storage cp -r d gs://b/": {"send path /app/d -> gs://b/", "write resource gcp:storage/b"},
    "gcloud storage rm gs://b/k": {"delete resource gcp:storage/b/k"},
    "gcloud auth login; gcloud info": set(),
    "az vm create -n v -g g": {"create resource azure:vm/v"},
    "az monitor diagnostic-settings delete --name d --resource r": {
        "delete resource azure:monitor/diagnostic-setting/d"
    },
    "az role assignment create --assignee eve --role Owner": {
        "create resource azure:role/assignment",
        "escalate account eve",
    },
    "az login; az account list": {"read resource azure:account"},
}


@pytest.mark.parametrize(("command", "expected"), WHOLE.items(), ids=list(WHOLE))
def test_what_an_operation_does(command: str, expected: set[str]) -> None:
    assert told(command) == expected

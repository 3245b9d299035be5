"""Resource transforms, which the engine runs: a resource's own, its parents', then the stack's.

The SDK serves each transform over gRPC from the program's process; this is the engine's half.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import grpc
from pulumi.runtime.proto import callback_pb2, callback_pb2_grpc, resource_pb2

if TYPE_CHECKING:
    from google.protobuf.message import Message

__all__ = ["Transforms"]

#: Options that a transform may change: their names in a registration and in a transform.
_OPTIONS = {
    "additionalSecretOutputs": "additional_secret_outputs",
    "aliases": "aliases",
    "customTimeouts": "custom_timeouts",
    "deletedWith": "deleted_with",
    "dependencies": "depends_on",
    "hideDiffs": "hide_diff",
    "ignoreChanges": "ignore_changes",
    "importId": "import",
    "pluginDownloadURL": "plugin_download_url",
    "protect": "protect",
    "provider": "provider",
    "providers": "providers",
    "replaceOnChanges": "replace_on_changes",
    "replace_with": "replace_with",
    "retainOnDelete": "retain_on_delete",
    "version": "version",
}


class Transforms:
    """The transforms that a program declares; `applied` may be called from several threads."""

    def __init__(self) -> None:
        self._stack: list[callback_pb2.Callback] = []
        self._by_resource: dict[str, tuple[str, list[callback_pb2.Callback]]] = {}
        self._clients: dict[str, tuple[grpc.Channel, callback_pb2_grpc.CallbacksStub]] = {}
        self._lock = threading.Lock()
        #: What the program declared that is not run here, one sentence each.
        self.notes: set[str] = set()

    def add_stack_transform(self, callback: callback_pb2.Callback) -> None:
        """Run `callback` for every resource that is registered from here on."""
        with self._lock:
            self._stack.append(callback)

    def applied(
        self, urn: str, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceRequest:
        """The registration after all transforms that concern it; `request` itself stays as it is.

        Property dependencies stay too: a transform cannot hide on what an input depends.
        """
        with self._lock:
            own = list(request.transforms)
            self._by_resource[urn] = (request.parent, own)
            callbacks = list(own)
            ancestor = request.parent
            while ancestor in self._by_resource:
                ancestor, inherited = self._by_resource[ancestor]
                callbacks += inherited
            callbacks += self._stack
        if not callbacks:
            return request
        changed = resource_pb2.RegisterResourceRequest()
        changed.CopyFrom(request)
        for callback in callbacks:
            self._apply(callback, changed)
        return changed

    def close(self) -> None:
        """Let go of the program's callback server."""
        for channel, _ in self._clients.values():
            channel.close()
        self._clients.clear()

    def _apply(
        self, callback: callback_pb2.Callback, request: resource_pb2.RegisterResourceRequest
    ) -> None:
        asked = resource_pb2.TransformRequest(
            type=request.type,
            name=request.name,
            custom=request.custom,
            parent=request.parent,
            properties=request.object,
        )
        for ours, theirs in _OPTIONS.items():
            _copy(request, ours, asked.options, theirs)
        if request.deleteBeforeReplaceDefined:
            asked.options.delete_before_replace = request.deleteBeforeReplace
        call = callback_pb2.CallbackInvokeRequest(
            token=callback.token, request=asked.SerializeToString()
        )
        try:
            reply = self._client(callback.target).Invoke(call)
        except grpc.RpcError as error:
            # The SDK sends "Invoke callback <token> error: <message>:" and a stack after it.
            told = (error.details() or "").split(" error: ", 1)[-1].partition("\n")[0].rstrip(":")
            raise RuntimeError(f"a transform of {request.name} failed: {told}") from error
        answer = resource_pb2.TransformResponse.FromString(reply.response)
        if answer.HasField("properties"):
            request.object.CopyFrom(answer.properties)
        if answer.HasField("options"):
            for ours, theirs in _OPTIONS.items():
                _copy(answer.options, theirs, request, ours)
            request.deleteBeforeReplaceDefined = answer.options.HasField("delete_before_replace")
            request.deleteBeforeReplace = answer.options.delete_before_replace

    def _client(self, target: str) -> callback_pb2_grpc.CallbacksStub:
        with self._lock:
            if target not in self._clients:
                channel = grpc.insecure_channel(target, options=[("grpc.enable_http_proxy", 0)])
                self._clients[target] = (channel, callback_pb2_grpc.CallbacksStub(channel))
            return self._clients[target][1]


def _copy(source: Message, source_field: str, target: Message, target_field: str) -> None:
    """Make a field of `target` say what one of `source` says, nothing included."""
    target.ClearField(target_field)
    field = source.DESCRIPTOR.fields_by_name[source_field]
    value = getattr(source, source_field)
    if field.label == field.LABEL_REPEATED:
        if hasattr(value, "items"):
            getattr(target, target_field).update(value)
        else:
            getattr(target, target_field).extend(value)
    elif field.has_presence:
        if not source.HasField(source_field):
            return
        if field.message_type is None:
            setattr(target, target_field, value)
        else:
            getattr(target, target_field).CopyFrom(value)
    else:
        setattr(target, target_field, value)

package dev.secretsengine.client.protocol;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.util.JsonFormat;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.client.protocol.codec.MessageType;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The messages as protobuf-java has them, from what protoc makes of the .proto files of this test. */
final class Reference {

    /** One message, ours and theirs. */
    record Pair(MessageType<?> ours, Descriptor theirs) {

        /** What our codec makes of it, as bytes. */
        byte[] reencode(byte[] proto) throws MalformedException {
            return reencode(ours, proto);
        }

        private static <T> byte[] reencode(MessageType<T> type, byte[] proto) throws MalformedException {
            return type.toProto(type.fromProto(proto));
        }

        byte[] protoOfJson(byte[] json) throws MalformedException {
            return protoOfJson(ours, json);
        }

        private static <T> byte[] protoOfJson(MessageType<T> type, byte[] json) throws MalformedException {
            return type.toProto(type.fromJson(json));
        }

        byte[] jsonOfProto(byte[] proto) throws MalformedException {
            return jsonOfProto(ours, proto);
        }

        private static <T> byte[] jsonOfProto(MessageType<T> type, byte[] proto) throws MalformedException {
            return type.toJson(type.fromProto(proto));
        }

        DynamicMessage parse(byte[] proto) throws InvalidProtocolBufferException {
            return DynamicMessage.parseFrom(theirs, proto);
        }

        DynamicMessage parseJson(String json) throws InvalidProtocolBufferException {
            DynamicMessage.Builder builder = DynamicMessage.newBuilder(theirs);
            JsonFormat.parser().ignoringUnknownFields().merge(json, builder);
            return builder.build();
        }
    }

    static final List<Pair> ALL;

    private static final Map<String, FileDescriptor> FILES = new HashMap<>();

    static {
        try (InputStream in = Reference.class.getResourceAsStream("/messages.desc")) {
            assertNotNull(in, "run by Maven, which has protoc describe the messages");
            // protoc names a file after those that it imports.
            for (FileDescriptorProto file : FileDescriptorSet.parseFrom(in).getFileList()) {
                FileDescriptor[] imports = file.getDependencyList().stream().map(FILES::get)
                        .toArray(FileDescriptor[]::new);
                FILES.put(file.getName(), FileDescriptor.buildFrom(file, imports));
            }
        } catch (IOException | DescriptorValidationException e) {
            throw new ExceptionInInitializerError(e);
        }
        ALL = List.of(pair(ResolverMessages.GetSecretsRequest.TYPE, "resolver.proto"),
                pair(ResolverMessages.GetSecretsResponse.TYPE, "resolver.proto"),
                new Pair(ResolverMessages.Envelope.TYPE,
                        type("resolver.proto", "GetSecretsResponse").findNestedTypeByName("Envelope")),
                pair(ResolverMessages.AuthorizeRequest.TYPE, "resolver.proto"),
                pair(ResolverMessages.AuthorizeResponse.TYPE, "resolver.proto"),
                pair(PluginMessages.Plugin.TYPE, "plugins.proto"),
                pair(PluginMessages.ListPluginsResponse.TYPE, "plugins.proto"),
                pair(PluginMessages.PluginRequest.TYPE, "plugins.proto"),
                pair(PluginMessages.RegisterPluginRequest.TYPE, "plugins.proto"),
                pair(PluginMessages.RegisterPluginResponse.TYPE, "plugins.proto"),
                pair(HealthMessages.GetVersionResponse.TYPE, "health.proto"),
                pair(Empty.TYPE, "health.proto"),
                pair(AccessMessages.CheckAccessRequest.TYPE, "accesscontrol.proto"),
                pair(AccessMessages.CheckAccessResponse.TYPE, "accesscontrol.proto"),
                pair(AccessMessages.AuthorizeAccessRequest.TYPE, "accesscontrol.proto"));
    }

    private Reference() {
    }

    private static Pair pair(MessageType<?> ours, String file) {
        return new Pair(ours, type(file, ours.toString()));
    }

    private static Descriptor type(String file, String name) {
        return FILES.get(file).findMessageTypeByName(name);
    }

    /** The pair of this message. */
    static Pair of(MessageType<?> ours) {
        return ALL.stream().filter(pair -> pair.ours() == ours).findFirst().orElseThrow();
    }

    /** The message without what it holds of unknown fields. */
    static Message known(Message message) {
        Message.Builder builder = message.toBuilder().setUnknownFields(UnknownFieldSet.getDefaultInstance());
        message.getAllFields().forEach((field, value) -> {
            if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
                builder.setField(field,
                        field.isRepeated()
                                ? ((List<?>) value).stream().map(each -> known((Message) each)).toList()
                                : known((Message) value));
            }
        });
        return builder.build();
    }
}

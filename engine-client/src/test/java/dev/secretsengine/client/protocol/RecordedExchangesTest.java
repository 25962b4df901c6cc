package dev.secretsengine.client.protocol;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.client.protocol.codec.MessageType;
import dev.secretsengine.client.protocol.http.Gzip;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Every recorded message is read, and written again byte for byte as the official client and plugins have it. */
class RecordedExchangesTest {

    private static final int MAX = 8 << 20;

    private static final Map<String, Rpc<?, ?>> RPCS = List
            .of(Rpc.GET_SECRETS, Rpc.AUTHORIZE, Rpc.LIST_PLUGINS, Rpc.ENABLE_PLUGIN, Rpc.DISABLE_PLUGIN,
                    Rpc.GET_VERSION, Rpc.REGISTER_PLUGIN, Rpc.SHUTDOWN, Rpc.CHECK_ACCESS, Rpc.AUTHORIZE_ACCESS)
            .stream().collect(Collectors.toMap(Rpc::path, Function.identity()));

    /** A message with its body as it was before it was compressed. */
    private record Message(HttpHead head, byte[] body) {

        boolean isJson() {
            String type = head.header("Content-Type");
            return type != null && type.startsWith("application/json");
        }

        boolean isProto() {
            return "application/proto".equals(head.header("Content-Type"));
        }

        /** Reads the body and writes it again. */
        <T> byte[] reencode(MessageType<T> type) throws MalformedException {
            return isJson() ? type.toJson(type.fromJson(body)) : type.toProto(type.fromProto(body));
        }
    }

    private static Message read(byte[] bytes, boolean request) throws Exception {
        try (HttpReader reader = new HttpReader(new ByteArrayInputStream(bytes))) {
            HttpHead head = request ? reader.readRequest() : reader.readResponse();
            assertNotNull(head);
            byte[] body = reader.readBody(head, MAX);
            assertFalse(reader.hasBuffered(), "bytes behind the message");
            return new Message(head, head.hasToken("Content-Encoding", "gzip") ? Gzip.inflate(body, MAX) : body);
        }
    }

    @Test
    void everyExchangeIsUnderstood() throws Exception {
        int calls = 0;
        int errors = 0;
        for (Recording.Exchange exchange : Recording.exchanges()) {
            Message request = read(exchange.request(), true);
            Message response = read(exchange.response(), false);
            Rpc<?, ?> rpc = RPCS.get(request.head().path());
            if (rpc == null) {
                assertTrue(List.of("/hijack", "/health", "/nope", "/resolver.v1.ResolverService/Nope")
                        .contains(request.head().path()), exchange.name());
                continue;
            }
            calls++;
            checkRequest(exchange.name(), rpc, request, response);
            if (response.head().status() == 200) {
                assertArrayEquals(response.body(), response.reencode(rpc.response()), exchange.name());
            } else if (response.isJson()) {
                errors++;
                ConnectError error = ConnectError.read(response.head().status(), response.body());
                assertEquals(response.head().status(), error.code().status(), exchange.name());
                assertEquals(text(response.body()), text(error.toJson()), exchange.name());
            }
        }
        assertEquals(40, calls);
        assertEquals(15, errors);
    }

    private static void checkRequest(String name, Rpc<?, ?> rpc, Message request, Message response) throws Exception {
        if (text(response.body()).contains("unmarshal message")) {
            assertThrows(MalformedException.class, () -> request.reencode(rpc.request()), name);
        } else if (name.equals("raw-json-unknown-field")) {
            assertEquals("{\"pattern\":\"GH_TOKEN\"}", text(request.reencode(rpc.request())));
        } else if ((request.isJson() || request.isProto()) && request.head().header("Content-Encoding") == null) {
            assertArrayEquals(request.body(), request.reencode(rpc.request()), name);
        }
    }

    @Test
    void whatComesBehindAnUpgradeIsNotLost() throws Exception {
        byte[] upgrade = Recording.exchanges().stream().filter(exchange -> exchange.name().equals("3 upgrade"))
                .findFirst().orElseThrow().request();
        byte[] both = Arrays.copyOf(upgrade, upgrade.length + 12);
        both[upgrade.length + 11] = 7;
        try (HttpReader reader = new HttpReader(new ByteArrayInputStream(both))) {
            HttpHead head = reader.readRequest();
            assertNotNull(head);
            assertEquals("/hijack", head.target());
            assertTrue(head.hasToken("Connection", "Upgrade") && head.hasToken("upgrade", "TCP"));
            assertArrayEquals(Arrays.copyOfRange(both, upgrade.length, both.length), restOf(reader));
        }
    }

    private static byte[] restOf(HttpReader reader) throws IOException {
        return reader.rest().readAllBytes();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}

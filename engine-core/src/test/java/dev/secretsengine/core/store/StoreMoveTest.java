package dev.secretsengine.core.store;

import static dev.secretsengine.core.testing.Samples.isWiped;
import static dev.secretsengine.core.testing.Samples.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.DatedStore;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreMoveTest {

    private static final SecretId ID = SecretId.parse("a/b");
    private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");
    private static final Map<String, String> METADATA = Map.of("owner", "alice");

    /** The process dies. */
    private static final class Killed extends RuntimeException {

        private static final long serialVersionUID = 1L;
    }

    private record Kept(String value, Map<String, String> metadata, Instant created) {
    }

    /** How many steps are left until the process dies; each operation has one before it and one after it. */
    private int steps = Integer.MAX_VALUE;

    private void step() {
        if (steps-- <= 0) {
            throw new Killed();
        }
    }

    /** A store in memory that remembers what it handed out. */
    private final class Shelf implements DatedStore {

        private final Map<SecretId, Kept> kept = new HashMap<>();
        private final List<SecretValue> handedOut = new ArrayList<>();
        private boolean forgetsMetadata;
        private boolean sticks;
        private Runnable afterGet = () -> {
        };
        private Runnable afterSet = () -> {
        };

        @Override
        public Probe probe(RequestContext context) {
            return new Probe(State.READY, "");
        }

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of();
        }

        @Override
        public Optional<Envelope> get(SecretId id, RequestContext context) {
            step();
            Kept found = kept.get(id);
            if (found == null) {
                return Optional.empty();
            }
            SecretValue value = SecretValue.wrap(found.value().getBytes(UTF_8));
            handedOut.add(value);
            afterGet.run();
            return Optional.of(new Envelope(id, value, "", "", null, CREATED, null, found.metadata()));
        }

        @Override
        public Optional<SecretInfo> describe(SecretId id, RequestContext context) {
            return Optional.ofNullable(kept.get(id))
                    .map(found -> new SecretInfo(id, found.created(), null, found.metadata()));
        }

        @Override
        public List<SecretInfo> list(SecretPattern pattern, RequestContext context) {
            return List.of();
        }

        @Override
        public void set(SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context) {
            restore(new SecretInfo(id, null, null, metadata), value, context);
        }

        @Override
        public void restore(SecretInfo info, SecretValue value, RequestContext context) {
            step();
            kept.put(info.id(), new Kept(new String(value.copyBytes(), UTF_8),
                    forgetsMetadata ? Map.of() : info.metadata(), info.createdAt()));
            afterSet.run();
            step();
        }

        @Override
        public boolean remove(SecretId id, RequestContext context) throws SecretsException {
            step();
            if (sticks) {
                throw new SecretsException.Failed(id.toString(), "the disk is full", "make room");
            }
            boolean removed = kept.remove(id) != null;
            step();
            return removed;
        }
    }

    private final Shelf from = new Shelf();
    private final Shelf to = new Shelf();

    private StoreMove move(boolean replace) {
        return new StoreMove(new StoreLease(StoreName.parse("old"), from, () -> {
        }), new StoreLease(StoreName.parse("new"), to, () -> {
        }), replace, () -> within(5));
    }

    private void fill(Shelf shelf, String value) {
        shelf.kept.put(ID, new Kept(value, METADATA, CREATED));
    }

    private String refusal(boolean replace) {
        return assertThrows(SecretsException.class, () -> move(replace).move(ID)).advice();
    }

    @Test
    void movesValueMetadataAndTime() throws Exception {
        fill(from, "s3cr3t");
        assertTrue(move(false).move(ID));
        assertEquals(Map.of(), from.kept);
        assertEquals(Map.of(ID, new Kept("s3cr3t", METADATA, CREATED)), to.kept);
        assertFalse(move(false).move(ID), "there is nothing left to move");
    }

    @Test
    void canBeDoneAgainWhereverItWasKilled() throws Exception {
        boolean whole = false;
        for (int point = 0; !whole; point++) {
            from.kept.clear();
            to.kept.clear();
            fill(from, "s3cr3t");
            steps = point;
            try {
                move(false).move(ID);
                whole = true;
            } catch (Killed e) {
                assertTrue(from.kept.containsKey(ID) || "s3cr3t".equals(to.kept.get(ID).value()), "point " + point);
            }
            steps = Integer.MAX_VALUE;
            move(false).move(ID);
            assertEquals(Map.of(), from.kept, "point " + point);
            assertEquals(Map.of(ID, new Kept("s3cr3t", METADATA, CREATED)), to.kept, "point " + point);
            assertTrue(point < 50);
        }
    }

    @Test
    void replacesAnotherValueOnlyIfTold() throws Exception {
        fill(from, "ours");
        fill(to, "theirs");
        String refused = "new has another value or other metadata of it: --force replaces that";
        assertEquals(refused, refusal(false));
        assertEquals(refused, assertThrows(SecretsException.class, () -> move(false).isDue(ID)).advice());
        assertEquals("theirs", to.kept.get(ID).value());
        assertEquals("ours", from.kept.get(ID).value());
        assertTrue(move(true).isDue(ID));
        assertTrue(move(true).move(ID));
        assertEquals("ours", to.kept.get(ID).value());
        assertEquals(Map.of(), from.kept);
    }

    @Test
    void losesNoMetadataOfTheSameValue() {
        fill(from, "same");
        to.kept.put(ID, new Kept("same", Map.of(), CREATED));
        assertEquals("new has another value or other metadata of it: --force replaces that", refusal(false));
    }

    @Test
    void keepsTheOldOneWhenTheNewStoreDoesNotGiveItBack() {
        fill(from, "s3cr3t");
        to.forgetsMetadata = true;
        assertEquals("new does not give it back as it was: it is still in old", refusal(true));
        assertEquals("s3cr3t", from.kept.get(ID).value());
    }

    @Test
    void keepsAValueThatIsSetMeanwhile() throws Exception {
        fill(from, "before");
        to.afterGet = () -> fill(from, "after");
        assertEquals("it was changed while it was moved: move it again, with --force", refusal(false));
        assertEquals("after", from.kept.get(ID).value());
        to.afterGet = () -> {
        };
        assertTrue(move(true).move(ID));
        assertEquals("after", to.kept.get(ID).value());
    }

    /** As KWallet does while it is being closed. */
    @Test
    void movesNoEmptyValueThatIsReadOnlyOnce() {
        fill(from, "");
        from.afterGet = () -> fill(from, "s3cr3t");
        assertEquals("old answers now one value, now another: look whether it is locked, then try again",
                refusal(true));
        assertEquals("s3cr3t", from.kept.get(ID).value());
        assertEquals(Map.of(), to.kept);
    }

    @Test
    void keepsWhatTheNewStoreAnswersAsEmpty() {
        fill(from, "s3cr3t");
        to.afterSet = () -> fill(to, "");
        assertEquals("new does not give it back as it was: it is still in old", refusal(true));
        assertEquals("s3cr3t", from.kept.get(ID).value());
    }

    @Test
    void movesAnEmptyValue() throws Exception {
        fill(from, "");
        assertTrue(move(false).move(ID));
        assertEquals("", to.kept.get(ID).value());
        assertEquals(Map.of(), from.kept);
    }

    @Test
    void saysWhyTheOldOneIsStillThere() {
        fill(from, "s3cr3t");
        from.sticks = true;
        assertEquals("the disk is full: make room", refusal(false));
        assertEquals(from.kept, to.kept);
    }

    @Test
    void onlyLooksWhenAsked() throws Exception {
        assertFalse(move(false).isDue(ID));
        fill(from, "s3cr3t");
        assertTrue(move(false).isDue(ID));
        assertEquals(Map.of(), to.kept);
    }

    @Test
    void wipesWhatItRead() throws Exception {
        fill(from, "s3cr3t");
        move(false).move(ID);
        fill(from, "other");
        refusal(false);
        assertFalse(from.handedOut.isEmpty() || to.handedOut.isEmpty());
        from.handedOut.forEach(value -> assertTrue(isWiped(value)));
        to.handedOut.forEach(value -> assertTrue(isWiped(value)));
    }
}

package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A real KWallet, which answers for a wallet that is closed with empty values, and without an error. */
class KWalletIT {

    private static final String DIALOG = "KDE Wallet";
    private static final String PASSWORD = "ctrl+a p w Return";
    private static final String CANCEL = "Escape";

    private KWallet wallet;
    private KeyringSession session;

    /** How a wallet comes to be closed. */
    enum Closing {

        /** From its menu, or after a time without use. */
        CLOSED,
        /** By a login without its password. */
        RESTARTED
    }

    @BeforeEach
    void start() throws Exception {
        wallet = KWallet.opened();
        session = wallet.session();
        session.pass("set", "a=AAA").ok();
        session.pass("set", "b=BBB").ok();
    }

    @AfterEach
    void end() throws IOException {
        wallet.close();
    }

    private void close(Closing closing) throws IOException {
        if (closing == Closing.CLOSED) {
            wallet.closeWallets();
        } else {
            wallet.restart();
        }
    }

    @ParameterizedTest
    @EnumSource
    void closedWalletHandsOutNothing(Closing closing) throws Exception {
        close(closing);
        Outcome get = session.answered("docker-pass get --reveal a", DIALOG, CANCEL);
        assertRefused(get);
        Outcome run = session.answered("env X=se://a docker-pass run -- touch ran", DIALOG, CANCEL);
        assertEquals(125, run.code(), run::toString);
        assertNotEquals(0, session.sh("[ -e ran ]").code(), "the command has run");
        assertValuesAreThere();
    }

    @ParameterizedTest
    @EnumSource
    void closedWalletKeepsWhatItHas(Closing closing) throws Exception {
        close(closing);
        assertRefused(session.answered("docker-pass rm a", DIALOG, CANCEL));
        assertRefused(session.answered("docker-pass set a=other", DIALOG, CANCEL));
        assertRefused(session.answered("docker-pass set new=other", DIALOG, CANCEL));
        assertValuesAreThere();
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsMovedOutOfAClosedWallet(Closing closing) throws Exception {
        close(closing);
        Outcome migrate = session.answered("docker-pass migrate --from keychain --to age", DIALOG, CANCEL);
        assertNotEquals(0, migrate.code(), migrate::toString);
        assertFalse(migrate.toString().contains("MOVED"), migrate::toString);
        session.chooseStore("age");
        assertEquals("", session.pass("ls").ok());
        session.chooseStore("keychain");
        assertValuesAreThere();
    }

    @ParameterizedTest
    @EnumSource
    void closedWalletIsOpenedByItsPrompt(Closing closing) throws Exception {
        close(closing);
        assertEquals("AAA", session.answered("docker-pass get --reveal a", DIALOG, PASSWORD).ok());
        assertEquals("BBB", session.pass("get", "--reveal", "b").ok());
        close(closing);
        session.answered("docker-pass set a=other", DIALOG, PASSWORD).ok();
        assertEquals("other", session.pass("get", "--reveal", "a").ok());
    }

    @Test
    void walletThatTheLoginHasOpenedNeedsNoPrompt() throws Exception {
        wallet.restart();
        session.keyring("make-wallet", "kdewallet");
        assertEquals("AAA", session.pass("get", "--reveal", "a").ok());
    }

    @Test
    void emptyValueIsOne() throws Exception {
        session.pass("set", "e=").ok();
        assertEquals("", session.pass("get", "--reveal", "e").ok());
        assertEquals("MOVED: e\n", session.pass("migrate", "--from", "keychain", "--to", "age", "e").out());
        session.chooseStore("age");
        assertEquals("", session.pass("get", "--reveal", "e").ok());
        session.pass("rm", "e").ok();
    }

    @Test
    void lockedWalletIsCalledKWallet() throws Exception {
        wallet.closeWallets();
        String message = session.pass("plugins", "ls", "--format", "{{.Message}}").ok();
        assertTrue(message.contains("locked"), message);
        assertTrue(message.contains("KWallet"), message);
        assertFalse(message.contains("Passwords and Keys"), message);
    }

    private static void assertRefused(Outcome outcome) {
        assertTrue(outcome.code() == 4 || outcome.code() == 5, outcome::toString);
        assertFalse(outcome.out().contains("RM:"), outcome::toString);
        assertTrue(outcome.toString().contains("locked") || outcome.toString().contains("dismissed"),
                outcome::toString);
        assertFalse(outcome.err().contains("connection"), outcome::toString);
    }

    private void assertValuesAreThere() throws IOException {
        wallet.open();
        assertEquals("a\nb\n", session.pass("ls").ok());
        assertEquals("AAA", session.pass("get", "--reveal", "a").ok());
        assertEquals("BBB", session.pass("get", "--reveal", "b").ok());
    }
}

package dev.secretsengine.it;

import java.io.IOException;

/**
 * KWallet with one wallet, kdewallet, whose password is pw, in a session of its own that has a screen. Closing it ends the
 * session.
 */
final class KWallet implements AutoCloseable {

    private static final String SETTINGS = """
            [Wallet]
            Enabled=true
            First Use=false
            Default Wallet=kdewallet
            Use One Wallet=true
            Prompt on Open=false
            [org.freedesktop.secrets]
            apiEnabled=true
            [Auto Allow]
            kdewallet=java
            """;

    private final KeyringSession session;

    private KWallet(KeyringSession session, boolean wallet) throws Exception {
        Tools.require("kwalletd5");
        this.session = session;
        try {
            session.sh("umask 077\nmkdir -p .config .local/share/kwalletd\ncat >.config/kwalletrc <<'E'\n" + SETTINGS
                    + "E\nprintf %56s | tr ' ' s >.local/share/kwalletd/kdewallet.salt").ok();
            start();
            if (wallet) {
                // The Secret Service finds it at its next start.
                session.keyring("make-wallet", "kdewallet");
                end();
                start();
                open();
            }
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    /** With the wallet open, as after a login. */
    static KWallet opened() throws Exception {
        return new KWallet(KeyringSession.withScreen(), true);
    }

    /** As for a user who has never made a wallet. */
    static KWallet withoutWallet() throws Exception {
        return new KWallet(KeyringSession.withScreen(), false);
    }

    private void start() throws IOException {
        session.daemon("kwalletd5", "kwalletd5");
        session.keyring("await-name", "org.freedesktop.secrets");
    }

    KeyringSession session() {
        return session;
    }

    /** Without a prompt. */
    void open() throws IOException {
        session.keyring("open-wallet", "kdewallet");
    }

    /** As from KWallet's own menu. */
    void closeWallets() throws IOException {
        session.keyring("close-wallets");
        session.keyring("await-locked", "kdewallet");
    }

    /** Ends the daemon and starts another one, which has not opened the wallet. */
    void restart() throws IOException {
        closeWallets();
        end();
        start();
    }

    private void end() throws IOException {
        session.kill(session.keyring("pid", "org.kde.kwalletd5"));
    }

    @Override
    public void close() throws IOException {
        session.close();
    }
}

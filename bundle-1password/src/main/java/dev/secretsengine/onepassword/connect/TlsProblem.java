package dev.secretsengine.onepassword.connect;

import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import javax.net.ssl.SSLException;

/** Why there is no TLS connection to a Connect server. Nothing has been sent to it then. */
enum TlsProblem {

    /** Nobody who is trusted vouches for its certificate. */
    UNTRUSTED("the certificate of %s is not trusted", "set connect-ca to the file of the CA that vouches for it"),
    /** Its certificate is no longer valid, or not yet. */
    EXPIRED("the certificate of %s has expired or is not valid yet", "renew it, and see whether the clocks are right"),
    /** Its certificate has other names. */
    MISNAMED("the certificate of %s is for another host", "write the name that is in it into connect-host"),
    /** There is no certificate to look at: it may speak no TLS at all. */
    OTHER("there is no TLS connection to %s", "see whether connect-host has to begin with http://, and look at proxy");

    private final String what;
    private final String hint;

    TlsProblem(String what, String hint) {
        this.what = what;
        this.hint = hint;
    }

    /** By the innermost cause that says something of the certificate. */
    static TlsProblem of(SSLException failure) {
        TlsProblem problem = OTHER;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateExpiredException || cause instanceof CertificateNotYetValidException) {
                problem = EXPIRED;
            } else if (cause instanceof CertificateException) {
                // Java has no class for a wrong name; whatever else is wrong has one of its own.
                problem = cause.getClass() == CertificateException.class ? MISNAMED : UNTRUSTED;
            }
        }
        return problem;
    }

    String what(ConnectAddress address) {
        return what.formatted(address);
    }

    String hint() {
        return hint;
    }
}

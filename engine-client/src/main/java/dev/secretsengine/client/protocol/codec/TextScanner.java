package dev.secretsengine.client.protocol.codec;

/** Reads the parts of a time's text. The first part that is not there makes it never done. */
final class TextScanner {

    private final String text;
    private int at;
    private boolean failed;

    TextScanner(String text) {
        this.text = text;
    }

    private boolean sees(char c) {
        return !failed && at < text.length() && text.charAt(at) == c;
    }

    private boolean seesDigit() {
        return !failed && at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    TextScanner skip(char c) {
        if (sees(c)) {
            at++;
        } else {
            failed = true;
        }
        return this;
    }

    /** So many digits. */
    int digits(int count) {
        int number = 0;
        for (int i = 0; i < count; i++) {
            number = number * 10 + digit();
        }
        return number;
    }

    private int digit() {
        if (!seesDigit()) {
            failed = true;
            return 0;
        }
        return text.charAt(at++) - '0';
    }

    /** One to 18 digits. */
    long number() {
        long number = digit();
        for (int i = 1; i < 18 && seesDigit(); i++) {
            number = number * 10 + digit();
        }
        return number;
    }

    /** Nanoseconds from one to nine digits behind a point, 0 without a point. */
    int fraction() {
        if (!sees('.')) {
            return 0;
        }
        at++;
        int nanos = digit();
        for (int i = 1; i < 9; i++) {
            nanos = nanos * 10 + (seesDigit() ? digit() : 0);
        }
        return nanos;
    }

    /** -1 behind a minus, else 1. */
    int sign() {
        if (!sees('-')) {
            return 1;
        }
        at++;
        return -1;
    }

    /** Seconds of an offset from UTC. */
    int offset() {
        if (sees('Z')) {
            at++;
            return 0;
        }
        int sign = sign();
        if (sign > 0) {
            skip('+');
        }
        int hours = digits(2);
        int minutes = skip(':').digits(2);
        failed |= hours > 23 || minutes > 59;
        return sign * (hours * 3600 + minutes * 60);
    }

    boolean isDone() {
        return !failed && at == text.length();
    }
}

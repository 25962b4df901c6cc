/* The signals that end a conversation. */
#ifndef SIGNALS_H
#define SIGNALS_H

/* As a shell says it of a process that a signal ended. */
#define BY_SIGNAL 128

/* Handles them from now on, but for those that this process was told to ignore. */
void signals_handle(void);

/* The engine that is to be told when one comes; -1 for none. */
void signals_tell(int engine);

/* Gives back what this process was started with, before another program takes its place. */
void signals_give_back(void);

/* Ends this process as that signal does, the engine told and the echo on. Safe in a signal handler. */
_Noreturn void end_by_signal(int number);

#endif

// What both programs do before anything else, for the whole process.

#pragma once

namespace assay {

// Keys never reach a core file, nor a debugger of another process of the user: cores are off, and
// the process may not be attached to. (Who started it under a debugger goes on to see it.)
//
// What protobuf would print by itself is not printed: anybody who writes to a topic could fill the
// log of the service with it.
//
// A system that refuses a thread or memory where nothing can go on without it ends the process with
// a sentence and exit code 6, as a kill would: what was acknowledged stands.
void GuardProcess();

}  // namespace assay

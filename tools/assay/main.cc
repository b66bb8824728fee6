// The command line `assay`.

#include "tools/assay/command_line.h"

int main(int argc, char** argv) { return assay::RunCommandLine({argv + 1, argv + argc}); }

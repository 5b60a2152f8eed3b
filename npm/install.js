// Puts the native program in the place of bin/jackin-exec, so that the command starts without a shell or Node in front.
// Where this does not run or does nothing, bin/jackin-exec is a shell script that becomes the native program.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

// Others than npm put a script of their own in front, written for the shell script that they saw.
const agent = process.env.npm_config_user_agent || "";
if (agent.startsWith("npm/")) {
  const command = path.join(__dirname, "bin", "jackin-exec");
  const staged = `${command}.new`;
  try {
    // In our own node_modules or in the one that we are in, as in bin/jackin-exec; require.resolve would look up to /.
    const name = `@jackin-exec/${process.platform}-${process.arch}/jackin-exec`;
    const own = path.join(__dirname, "node_modules", name);
    const native = fs.existsSync(own) ? own : path.join(__dirname, "..", name);
    fs.rmSync(staged, { force: true });
    try {
      fs.linkSync(native, staged);
    } catch {
      fs.copyFileSync(native, staged);
    }
    fs.chmodSync(staged, 0o755);
    fs.renameSync(staged, command);
  } catch (error) {
    // The shell script stays, and says at its start what is missing.
    console.error(`jackin-exec: the native program was not put in place: ${error.code || error}`);
  }
}

// Replaces bin/jackin-exec with the native program, so that the command starts without a shell or Node in front of it.
// If this script does not run or does nothing, bin/jackin-exec stays a shell script that becomes the native program.
"use strict";

const fs = require("node:fs");
const path = require("node:path");

// Package managers other than npm put a wrapper of their own in front of the command. They write it for the shell script
// that they found at installation.
const agent = process.env.npm_config_user_agent || "";
if (agent.startsWith("npm/")) {
  const command = path.join(__dirname, "bin", "jackin-exec");
  const staged = `${command}.new`;
  try {
    // Looks only in our own node_modules and in the surrounding one, as bin/jackin-exec does. require.resolve would search
    // every folder up to /.
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

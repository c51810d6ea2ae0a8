//! Running other programs, and where things lie.

use anyhow::{Context, Result, ensure};
use gatewright_private_servers::ProcessFolder;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

/// The root of the checkout.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where cargo puts what it builds: this program lies in its `debug` folder.
pub(crate) fn target_folder() -> Result<PathBuf> {
    let own = std::env::current_exe().context("where this program lies")?;
    let target = own.ancestors().nth(2).context("the target folder")?;
    Ok(target.to_owned())
}

/// The cargo that built this program, in the root of the checkout.
pub(crate) fn cargo<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(root());
    command
}

/// Shows `command`, runs it, and fails where it does.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", shown(command));
    let status = command.status().with_context(|| shown(command))?;
    ensure!(status.success(), "{} ended with {status}", shown(command));
    Ok(())
}

/// Shows `command` and runs it, with everything it starts, no longer than this process lives.
pub(crate) fn run_to_its_end(command: &mut Command) -> Result<ExitStatus> {
    eprintln!("$ {}", shown(command));
    // A terminal sends Ctrl-C to its foreground group, and lets that group alone read from it.
    let status = if std::io::stdin().is_terminal() {
        command.status()
    } else {
        let folder = ProcessFolder::new()?;
        folder.spawn(command, "TERM").and_then(|mut process| process.wait())
    };
    status.with_context(|| shown(command))
}

/// What `command` prints to its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| shown(command))?;
    ensure!(
        output.status.success(),
        "{} ended with {}",
        shown(command),
        output.status
    );
    String::from_utf8(output.stdout).with_context(|| shown(command))
}

fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    std::iter::once(program)
        .chain(command.get_args())
        .map(|part| part.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}

//! `gatewright admin`

use crate::async_runtime;
use crate::cli::configured;
use crate::exit::Failure;
use crate::terminal;
use clap::Subcommand;
use gatewright::Gatewright;
use gatewright_application::administration::create_administrator::{
    CreateAdministratorCommand, CreateAdministratorError,
};
use gatewright_application::password::new_password::PasswordRejection;
use secrecy::SecretString;
use std::io::{self, IsTerminal};

#[derive(Debug, Subcommand)]
pub(super) enum AdminCommand {
    /// Create an account with every permission
    ///
    /// The address counts as proven. The password has to satisfy the policy for passwords.
    Create {
        /// The e-mail address
        #[arg(long)]
        email: String,
        /// A username to sign in with as well
        #[arg(long)]
        username: Option<String>,
        /// Read the password from the first line of standard input (the only way: arguments can be seen by others)
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

pub(super) fn run(command: AdminCommand) -> Result<(), Failure> {
    let AdminCommand::Create { email, username, .. } = command;
    let config = configured()?;
    let password = password_from_stdin()?;
    let created = async_runtime::start()?.block_on(async {
        let port = config.server.bind.port();
        let gatewright = Gatewright::build(config, port)?;
        gatewright.wait_for_storage().await;
        let create = &gatewright.application().create_administrator;
        let created = create
            .execute(CreateAdministratorCommand {
                email,
                username,
                password,
            })
            .await;
        gatewright.close().await;
        Ok::<_, Failure>(created)
    })?;
    let user = created.map_err(told)?;
    terminal::answer(&format!("{} is an administrator now", user.email));
    Ok(())
}

fn password_from_stdin() -> Result<SecretString, Failure> {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        terminal::remark("The password, which is shown as you type it, and Enter:");
    }
    let mut line = String::new();
    stdin.read_line(&mut line).map_err(Failure::other)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::Usage("there is no password on standard input".to_owned()));
    }
    Ok(password.into())
}

/// In one line; whoever types has to know every reason.
fn told(error: CreateAdministratorError) -> Failure {
    match error {
        CreateAdministratorError::Invalid(invalid) => {
            let faults: Vec<String> = invalid.0.into_iter().map(|fault| fault.detail).collect();
            Failure::Usage(faults.join("; "))
        }
        CreateAdministratorError::Password(PasswordRejection::Policy(faults)) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            Failure::Usage(faults.join("; "))
        }
        CreateAdministratorError::Password(PasswordRejection::Unusable(fault)) => Failure::Usage(fault.to_string()),
        CreateAdministratorError::EmailTaken
        | CreateAdministratorError::UsernameTaken
        | CreateAdministratorError::Unexpected(_) => Failure::other(error),
    }
}

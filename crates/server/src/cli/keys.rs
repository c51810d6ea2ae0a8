//! `gatewright keys`

use crate::cli::configured;
use crate::exit::Failure;
use crate::terminal;
use clap::Subcommand;
use gatewright::{LONGEST_ACTIVATION, SigningKeyInfo, list_signing_keys, rotate_signing_keys};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// Make a new key; the one before it goes on verifying as long as its tokens live
    ///
    /// Running servers follow within a second, without a restart. A file that is missing is made, with one key that
    /// signs at once.
    Rotate {
        /// When the new key begins to sign: long enough for every server to have read it, at most 30 days
        #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = activation)]
        activate_in: Duration,
    },
    /// List the keys and what each is used for
    List,
}

pub(super) fn run(command: &KeysCommand) -> Result<(), Failure> {
    let config = configured()?;
    let keys = match command {
        KeysCommand::Rotate { activate_in } => rotate_signing_keys(&config, *activate_in)?,
        KeysCommand::List => list_signing_keys(&config)?,
    };
    let lines: Vec<String> = keys.iter().map(described).collect();
    terminal::answer(&lines.join("\n"));
    Ok(())
}

fn described(key: &SigningKeyInfo) -> String {
    let until = key
        .verify_until
        .map_or_else(String::new, |until| format!("  verifies until {}", written(until)));
    format!(
        "{}  {:8}signs from {}{until}",
        key.id,
        key.state,
        written(key.active_from)
    )
}

fn written(moment: OffsetDateTime) -> String {
    let whole_seconds = moment.truncate_to_second();
    whole_seconds.format(&Rfc3339).unwrap_or_else(|_| moment.to_string())
}

fn activation(text: &str) -> Result<Duration, String> {
    let parsed = humantime::parse_duration(text).ok();
    let span = parsed.and_then(|span| Duration::try_from(span).ok());
    span.filter(|span| *span <= LONGEST_ACTIVATION)
        .ok_or_else(|| "give a span of time such as 10s, 5m or 1h, at most 30 days".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_waits_thirty_days_at_most() {
        assert_eq!(activation("30d"), Ok(LONGEST_ACTIVATION));
        for wrong in ["30d 1us", "365d", "10000000000y", "soon", "10", "-1s"] {
            assert!(activation(wrong).is_err(), "{wrong}");
        }
    }
}

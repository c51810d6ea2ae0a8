//! The log: text on a terminal, one JSON document a line otherwise, always in UTC.

use crate::log_queue::LogQueue;
use crate::start_message;
use crate::traces::SpanLayer;
use gatewright::config::logging::{LogConfig, LogFormat};
use gatewright_application::operations::traces;
use std::io::{self, IsTerminal};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::writer::BoxMakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Where the log goes.
#[derive(Debug)]
pub(crate) enum Stream {
    /// Standard output: the server's, whose log is its output (12-factor, XI). Requests do not wait for it.
    Output(LogQueue),
    /// Standard error: a command's, whose output is something else.
    Error,
}

/// How the log looks here and now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// For people, perhaps in colour.
    Text {
        /// Whether a terminal shows it.
        colour: bool,
    },
    /// For machines.
    Json,
}

impl Style {
    /// What `config` means for a stream that a terminal shows, or does not.
    pub(crate) fn of(config: &LogConfig, on_terminal: bool) -> Self {
        // https://no-color.org
        let colour = on_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        match config.format {
            LogFormat::Text => Self::Text { colour },
            LogFormat::Auto if on_terminal => Self::Text { colour },
            LogFormat::Auto | LogFormat::Json => Self::Json,
        }
    }
}

/// Starts the log of the process, and beside it what listens to `spans`. Only the first call counts.
pub(crate) fn start(config: &LogConfig, stream: Stream, spans: Option<SpanLayer>) {
    // Libraries may log what they carry, tokens and codes included.
    let levels = Targets::new()
        .with_default(config.level.min(LevelFilter::WARN))
        .with_target("gatewright", config.level)
        // It calls a client's broken request line an error.
        .with_target("actix_http", LevelFilter::OFF)
        .with_target(traces::TARGET, LevelFilter::OFF)
        .with_targets(config.targets.iter().cloned())
        // Which port was picked is told whatever the level is.
        .with_target(start_message::LOG_TARGET, LevelFilter::INFO);
    let registry = tracing_subscriber::registry().with(spans);
    // An error of the log itself would be told on the stream that just failed, with a panic.
    let (writer, on_terminal) = match stream {
        Stream::Output(lines) => (BoxMakeWriter::new(move || lines.clone()), io::stdout().is_terminal()),
        Stream::Error => (BoxMakeWriter::new(io::stderr), io::stderr().is_terminal()),
    };
    let lines = fmt::layer().with_writer(writer).log_internal_errors(false);
    let outcome = match Style::of(config, on_terminal) {
        Style::Text { colour } => registry.with(lines.with_ansi(colour).with_filter(levels)).try_init(),
        Style::Json => {
            let lines = lines.json().flatten_event(true).with_span_list(false);
            registry.with(lines.with_filter(levels)).try_init()
        }
    };
    // A process that has a log keeps it.
    let _ = outcome;
}

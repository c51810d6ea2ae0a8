//! `gatewright serve`

use crate::async_runtime;
use crate::exit::Failure;
use crate::log_queue::{self, LogEnd};
use crate::logging::{self, Stream, Style};
use crate::start_message;
use crate::terminations::Terminations;
use crate::traces::{self, TracesEnd};
use gatewright::{Config, Gatewright, Given, bind};
use std::io::{self, IsTerminal};
use std::process;
use std::time::Duration;
use tokio::time::timeout;

/// What a shell reports for a process ended by Ctrl-C.
const FORCED: i32 = 130;
/// Signals that follow the first one so soon belong to it.
const SAME_SIGNAL: Duration = Duration::from_millis(500);

pub(super) fn run() -> Result<(), Failure> {
    let (config, _last_words) = configured_service()?;
    async_runtime::start()?.block_on(serve(config))
}

/// The settings of a process that goes on until it is stopped, whose log has begun.
pub(super) fn configured_service() -> Result<(Config, LastWords), Failure> {
    let config = Config::read(&Given::from_process())?;
    let (lines, log) = log_queue::start(io::stdout()).map_err(Failure::other)?;
    let traces = traces::start(&config.observation)?;
    let (spans, traces) = traces.map(|traces| (traces.spans, traces.end)).unzip();
    logging::start(&config.logging, Stream::Output(lines), spans);
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let last_words = LastWords {
        _traces: traces,
        _log: log,
    };
    Ok((config, last_words))
}

/// What still leaves when the process ends, in this order.
pub(super) struct LastWords {
    _traces: Option<TracesEnd>,
    _log: LogEnd,
}

async fn serve(config: Config) -> Result<(), Failure> {
    let style = Style::of(&config.logging, io::stdout().is_terminal());
    let listener = bind(config.server.bind)?;
    let bound = listener.local_addr().map_err(Failure::other)?;
    let stop = stop_signal()?;
    let gatewright = Gatewright::build(config.clone(), bound.port())?;
    gatewright.wait_for_storage().await;
    let background = gatewright.start_background_work()?;
    start_message::tell(style, &config, bound);
    gatewright.serve(listener, background, stop).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Ready at the first signal to stop. A later one ends the process at once: whatever was acknowledged is stored.
pub(super) fn stop_signal() -> Result<impl Future<Output = ()>, Failure> {
    let mut terminations = Terminations::listen().map_err(Failure::other)?;
    Ok(async move {
        terminations.next().await;
        tracing::info!("stopping; another signal ends it at once");
        tokio::spawn(async move {
            // Who signals a process and its group, as timeout(1) does, means one signal.
            let _ = timeout(SAME_SIGNAL, async {
                loop {
                    terminations.next().await;
                }
            })
            .await;
            terminations.next().await;
            process::exit(FORCED);
        });
    })
}

//! Spans for a collector of traces.

/// The target of spans that leave the process, where it has a collector to send them to; the log leaves them out. What they
/// hold is seen by whoever sees the traces: never a path, a query, an address or anything secret.
pub const TARGET: &str = "gatewright::trace";

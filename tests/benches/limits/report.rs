//! The figures, as a table and as JSON.

use serde_json::{Value, json};

/// One row: what was measured, beside what limit, with what aim.
struct Row {
    what: String,
    ours: String,
    limit: String,
    ratio: Option<f64>,
    aim: String,
    met: bool,
    json: Value,
}

/// All rows.
#[derive(Default)]
pub(crate) struct Report {
    rows: Vec<Row>,
}

/// The middle of several rounds, and how far they lie apart.
pub(crate) struct Rounds(pub(crate) Vec<f64>);

impl Rounds {
    pub(crate) fn median(&self) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    }

    fn spread(&self) -> f64 {
        let (low, high) = self
            .0
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), n| (low.min(*n), high.max(*n)));
        (high - low) / self.median()
    }
}

impl Report {
    /// A rate beside the rate of its limit; the ratio should be at least `aim`.
    pub(crate) fn ratio(&mut self, what: &str, ours: &Rounds, limit: &Rounds, unit: &str, aim: f64) {
        let ratio = ours.median() / limit.median();
        let show = |rounds: &Rounds| format!("{:.0} {unit} ±{:.0} %", rounds.median(), rounds.spread() * 50.0);
        self.rows.push(Row {
            what: what.to_owned(),
            ours: show(ours),
            limit: show(limit),
            ratio: Some(ratio),
            aim: format!("≥ {aim}"),
            met: ratio >= aim,
            json: json!({"ours": ours.0, "limit": limit.0, "unit": unit, "ratio": ratio, "aim_at_least": aim}),
        });
    }

    /// A figure that should be at most `aim`.
    pub(crate) fn at_most(&mut self, what: &str, figure: f64, unit: &str, aim: f64) {
        self.rows.push(Row {
            what: what.to_owned(),
            ours: format!("{figure:.2} {unit}"),
            limit: String::new(),
            ratio: None,
            aim: format!("≤ {aim:.1} {unit}"),
            met: figure <= aim,
            json: json!({"ours": figure, "unit": unit, "aim_at_most": aim}),
        });
    }

    pub(crate) fn print(&self) {
        println!("\n| measured | server | limit in the same run | ratio | aim | met |\n|---|---|---|---|---|---|");
        for row in &self.rows {
            let ratio = row.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
            let met = if row.met { "yes" } else { "no" };
            println!(
                "| {} | {} | {} | {ratio} | {} | {met} |",
                row.what, row.ours, row.limit, row.aim
            );
        }
    }

    pub(crate) fn write_json(&self, path: &str) {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let rows: serde_json::Map<String, Value> = self
            .rows
            .iter()
            .map(|row| (row.what.clone(), row.json.clone()))
            .collect();
        let parameters = json!({
            "cores": cores,
            "argon2id": "m=19456 KiB, t=2, p=1",
            "storage": "SQLite, WAL, synchronous=FULL",
            "client": "same machine, same cores",
        });
        let document = json!({"parameters": parameters, "figures": rows});
        // Cargo runs a benchmark in its package's folder; the report belongs to the project.
        let project = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        std::fs::write(project.join(path), format!("{document:#}\n")).unwrap();
    }
}

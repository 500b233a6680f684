use std::{fs, path::Path};

use chrono::Utc;
use messaging::Envelope;
use serde_json::Value;
use uuid::Uuid;

/// An event of this type, whatever its data.
#[must_use]
pub fn envelope(event_type: &str, data: Value) -> Envelope {
    Envelope {
        specversion: "1.0".to_owned(),
        id: Uuid::now_v7(),
        source: format!("/{}", event_type.split('.').next().unwrap_or_default()),
        r#type: event_type.to_owned(),
        subject: Uuid::now_v7().to_string(),
        time: wire::truncate(Utc::now()),
        sequence: data["sequence"].as_i64().unwrap_or(1),
        traceparent: None,
        actor: "system".to_owned(),
        datacontenttype: "application/json".to_owned(),
        data,
    }
}

/// The golden files of a service's contract, by type.
///
/// # Panics
/// When there are none.
#[must_use]
pub fn golden_events(service: &str) -> Vec<Envelope> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../{service}-contract/golden"));
    let files = folder.read_dir().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut events: Vec<_> = files.map(|file| golden_event(&file.expect("a file").path())).collect();
    events.sort_by(|a, b| a.r#type.cmp(&b.r#type));
    events
}

fn golden_event(file: &Path) -> Envelope {
    let event_type = file.file_stem().expect("a name").to_string_lossy();
    let data = fs::read_to_string(file).expect("a golden file");
    envelope(&event_type, serde_json::from_str(&data).expect("JSON"))
}

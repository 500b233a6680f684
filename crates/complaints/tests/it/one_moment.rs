//! What is read while it changes is of one version, in all its parts.

use std::cell::Cell;

use complaints_contract::{Complaint, ComplaintEntry};
use serde_json::json;
use testkit::both;
use wire::Page;

use crate::support::{PATH, grievance, open, start_quiet, with};

/// Enough to meet a change between two statements many times over.
const READS: usize = 100;

/// Odd versions are as the first was written, even ones as the second.
fn assert_is_as_written(written: &[Complaint; 2], read: &Complaint) {
    let [odd, even] = written;
    let own = if read.version % 2 == 1 { odd } else { even };
    assert_eq!(*read, Complaint { version: read.version, updated_at: read.updated_at, ..own.clone() });
}

both! {
    async fn a_complaint_is_read_at_one_moment(db: TestDb) {
        let (_app, client) = start_quiet(db).await;
        // Kept in several tables: what it is, how it came, and by when something is due.
        let [minor, grave] = [
            json!({"severity": 4, "subject": "Line slow", "confidential": []}),
            json!({"severity": 1, "subject": "Line down", "confidential": ["notes"]}),
        ];
        let opened = open(&client, &with(grievance(), minor.clone())).await;
        let path = format!("{PATH}/{}", opened.id);
        let amended: Complaint = client.patch(&path, "*", &grave).await.read(200);
        assert!(amended.due.resolve_by < opened.due.resolve_by);
        let written = [opened, amended];

        let reading = Cell::new(true);
        let writes = async {
            while reading.get() {
                for change in [&minor, &grave] {
                    client.patch(&path, "*", change).await.expect(200);
                }
            }
        };
        let reads = async {
            for _ in 0..READS {
                let answer = client.get(&path).await;
                let etag = answer.etag();
                let read: Complaint = answer.read(200);
                assert_eq!(etag, format!("\"{}\"", read.version));
                assert_is_as_written(&written, &read);

                let list: Page<Complaint> = client.get(PATH).await.read(200);
                assert_eq!(list.items.len(), 1);
                assert_is_as_written(&written, &list.items[0]);

                let last = client.get(&format!("{path}/history?sort=-seq&limit=1&count=exact")).await;
                let last: Page<ComplaintEntry> = last.read(200);
                assert_eq!(last.count, last.items.first().map(|entry| entry.seq));
            }
            reading.set(false);
        };
        futures::join!(writes, reads);
    }
}

use std::fs::File;
use std::path::PathBuf;

use complaints_contract::desk::{FreshdeskTicket, ZendeskTicket};
use complaints_contract::{Complaint, NewComplaint, State};
use serde::de::DeserializeOwned;
use serde_json::Value;
use testkit::{Client, both};
use wire::ExternalId;

use crate::support::{PATH, start};

fn samples(name: &str) -> Option<Value> {
    let Some(folder) = std::env::var_os("GUANXI_DATA_DIR").map(PathBuf::from) else {
        eprintln!("not run: GUANXI_DATA_DIR is not set, so there are no tickets");
        return None;
    };
    let file = File::open(folder.join("integrations").join(name)).expect("a sample");
    Some(serde_json::from_reader(file).expect("JSON"))
}

fn tickets<T: DeserializeOwned>(samples: &Value) -> Vec<T> {
    let samples = samples.as_array().cloned().unwrap_or_else(|| vec![samples.clone()]);
    samples.into_iter().map(|sample| serde_json::from_value(sample).expect("a ticket")).collect()
}

async fn put(client: &Client, key: &ExternalId, complaint: &NewComplaint) -> Complaint {
    let answer = client.put(&format!("{PATH}/external/{}/{}", key.system, key.id), complaint).await;
    assert!(matches!(answer.status, 200 | 201), "{answer}");
    let status = answer.status;
    answer.read(status)
}

both! {
    async fn real_data_tickets_of_zendesk_map_and_converge(db: TestDb) {
        let Some(sample) = samples("zendesk/tickets.json") else { return };
        let (_app, client) = start(db).await;
        let ticket: ZendeskTicket = tickets(&sample["tickets"]).remove(0);
        let one = put(&client, &ticket.key(), &ticket.complaint().expect("a complaint")).await;
        assert_eq!((one.subject.as_str(), one.severity), ("Help, my printer is on fire!", 2));
        assert_eq!(one.customer_external, Some(ExternalId { system: "zendesk".to_owned(), id: "509974".to_owned() }));
        assert_eq!((one.state, one.channel.as_str()), (State::Investigating, "web"));
        assert_eq!(one.received_at, ticket.created_at);

        let event = samples("zendesk/webhook_ticket_created.json").expect("a sample");
        let event: Value = serde_json::from_str(event["rawBody"].as_str().expect("a body")).expect("JSON");
        let told: ZendeskTicket = tickets(&event["detail"]).remove(0);
        let opened = put(&client, &told.key(), &told.complaint().expect("a complaint")).await;
        assert_eq!(opened.external_id.as_ref().map(|key| key.id.as_str()), Some("35436"));
        assert_eq!((opened.state, opened.channel.as_str()), (State::Investigating, "web"));

        // Its life after that, told in three orders, each report twice.
        let life = ["pending", "open", "pending", "solved", "closed"];
        let report = |place: usize| {
            let updated_at = ticket.updated_at + chrono::TimeDelta::minutes(place as i64 + 1);
            ZendeskTicket { status: life[place].to_owned(), updated_at, ..ticket.clone() }
        };
        for (id, order) in [(1, [0, 1, 2, 3, 4]), (2, [4, 2, 0, 3, 1]), (3, [1, 0, 4, 3, 2])] {
            let mut last = None;
            for place in order.into_iter().chain(order) {
                let ticket = ZendeskTicket { id, ..report(place) };
                last = Some(put(&client, &ticket.key(), &ticket.complaint().expect("a complaint")).await);
            }
            let last = last.expect("told");
            assert_eq!((last.state, last.closed_at), (State::Closed, Some(report(4).updated_at)), "{order:?}");
        }
        for (id, order) in [(4, [0, 1, 2]), (5, [2, 1, 0]), (6, [1, 2, 0])] {
            let mut last = None;
            for place in order.into_iter().chain(order) {
                let ticket = ZendeskTicket { id, ..report(place) };
                last = Some(put(&client, &ticket.key(), &ticket.complaint().expect("a complaint")).await);
            }
            let last = last.expect("told");
            assert_eq!((last.state, last.waiting_since.is_some()), (State::Waiting, true), "{order:?}");
        }
    }

    async fn real_data_tickets_of_freshdesk_map(db: TestDb) {
        let Some(sample) = samples("freshdesk/ticket_1.json") else { return };
        let (_app, client) = start(db).await;
        let ticket: FreshdeskTicket = tickets(&sample).remove(0);
        let one = put(&client, &ticket.key(), &ticket.complaint().expect("a complaint")).await;
        assert_eq!((one.state, one.severity, one.channel.as_str()), (State::Received, 4, "portal"));
        let complainant = one.complainant.expect("a requester");
        assert_eq!(complainant.email.as_deref(), Some("dummyname@example.com"));
        assert_eq!(one.description.as_deref(), Some("This is a sample ticket, feel free to delete it."));

        let updated: FreshdeskTicket = tickets(&samples("freshdesk/ticket_1_updated.json").expect("a sample")).remove(0);
        let after = put(&client, &updated.key(), &updated.complaint().expect("a complaint")).await;
        assert_eq!((after.id, after.received_at), (one.id, one.received_at));
        assert_eq!((after.state, after.severity, after.subject.as_str()), (State::Resolved, 2, "Test subject update"));

        let solved = FreshdeskTicket { id: 2, status: 4, ..ticket.clone() };
        let solved = put(&client, &solved.key(), &solved.complaint().expect("a complaint")).await;
        assert_eq!(solved.state, State::Resolved);
        assert_eq!(solved.first_responded_at, ticket.stats.first_responded_at);
        assert_eq!(solved.resolved_at, ticket.stats.resolved_at);

        let all: Vec<FreshdeskTicket> = tickets(&samples("freshdesk/all_tickets.json").expect("a sample"));
        let found: Vec<FreshdeskTicket> = tickets(&samples("freshdesk/search_tickets.json").expect("a sample")["results"]);
        assert_eq!((all.len(), found.len()), (1, 2));
        for ticket in all.iter().chain(&found) {
            // Of other accounts, whose numbers begin anew.
            let complaint = ticket.complaint().expect("a complaint");
            let key = ExternalId { system: format!("freshdesk-{}", ticket.created_at.timestamp()), ..ticket.key() };
            let put = put(&client, &key, &NewComplaint { external_id: Some(key.clone()), ..complaint }).await;
            assert_eq!(put.complainant.and_then(|who| who.name).as_deref(), Some("Rachel"));
            assert_eq!(put.received_at, ticket.created_at);
        }
    }
}

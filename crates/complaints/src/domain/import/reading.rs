use complaints_contract::{Channel, NewComplaint, Progress, State};
use problem::FieldError;
use wire::Reference;

use super::{Mapping, fields::Field, words};
use crate::domain::Faults;

/// Between what several columns say of one field.
const JOINT: &str = " / ";

/// What a row says, and which cells cannot be understood. An empty cell says nothing; without a channel the row counts
/// as a ticket of the desk.
pub fn read(mapping: &Mapping, cells: &[String]) -> (NewComplaint, Vec<FieldError>) {
    let mut reader = Reader {
        new: NewComplaint::about(Channel::Desk, ""),
        progress: None,
        named: None,
        dated: None,
        faults: Faults::default(),
    };
    for (field, cell) in mapping.filled(cells) {
        reader.take(mapping, field, cell);
    }
    let Reader { mut new, progress, named, dated, faults } = reader;
    if new.subject.is_empty() {
        let said = [&new.issue, &new.product, &new.description].into_iter().flatten().next();
        // In one line, and no longer than a subject may be.
        new.subject =
            said.map(|text| text.lines().next().unwrap_or_default().chars().take(200).collect()).unwrap_or_default();
    }
    // Without a word on its state, a complaint is as far as it is dated.
    new.progress = progress.map(|progress| Progress { state: named.or(dated).unwrap_or(progress.state), ..progress });
    (new, faults.into_vec())
}

struct Reader {
    new: NewComplaint,
    progress: Option<Progress>,
    /// The state that a cell names.
    named: Option<State>,
    /// The furthest state that is dated.
    dated: Option<State>,
    faults: Faults,
}

impl Reader {
    fn take(&mut self, mapping: &Mapping, field: Field, cell: &str) {
        let text = || Some(cell.to_owned());
        match field {
            Field::ExternalId => self.new.external_id = Some(mapping.key(cell)),
            Field::CustomerId => {
                let Ok(reference) = cell.parse::<Reference<_>>();
                self.new.customer_id = Some(reference);
            }
            Field::CustomerExternal => self.new.customer_external = Some(mapping.key(cell)),
            Field::Channel => {
                self.new.channel = self.word("/channel", words::channel(cell)).unwrap_or(self.new.channel);
            }
            Field::Subject => join(&mut self.new.subject, cell),
            Field::Description => join(self.new.description.get_or_insert_default(), cell),
            Field::Product => join(self.new.product.get_or_insert_default(), cell),
            Field::OrderNumber => self.new.order_number = text(),
            Field::Issue => join(self.new.issue.get_or_insert_default(), cell),
            Field::RemedySought => join(self.new.remedy_sought.get_or_insert_default(), cell),
            Field::Severity => self.new.severity = self.word("/severity", words::severity(cell)),
            Field::Safety => self.new.safety = self.word("/safety", words::truth(cell)),
            Field::Language => self.new.language = text(),
            Field::Handler => self.new.handler = text(),
            Field::ReceivedAt => self.new.received_at = self.word("/received_at", words::instant(cell)),
            Field::AcknowledgedAt => {
                let at = self.word("/progress/acknowledged_at", words::instant(cell));
                self.reached(State::Acknowledged).acknowledged_at = at;
            }
            Field::FirstRespondedAt => {
                let at = self.word("/progress/first_responded_at", words::instant(cell));
                self.reached(State::Responded).first_responded_at = at;
            }
            Field::ResolvedAt => {
                let at = self.word("/progress/resolved_at", words::instant(cell));
                self.reached(State::Resolved).resolved_at = at;
            }
            Field::ClosedAt => {
                let at = self.word("/progress/closed_at", words::instant(cell));
                self.reached(State::Closed).closed_at = at;
            }
            Field::State => {
                if let Some(state) = self.word("/progress/state", words::state(cell)) {
                    self.named(state);
                }
            }
            Field::Resolution => self.progress().resolution = text(),
            Field::Timely => self.progress().timely = self.word("/progress/timely", words::truth(cell)),
            Field::CompanyResponse => {
                let state = words::company_response(cell);
                self.named(state);
                self.progress().resolution = text().filter(|_| state == State::Closed);
            }
        }
    }

    fn word<T>(&mut self, pointer: &str, word: Option<T>) -> Option<T> {
        if word.is_none() {
            self.faults.add(pointer, "not-understood", "says nothing that can be read here");
        }
        word
    }

    fn progress(&mut self) -> &mut Progress {
        self.progress.get_or_insert_with(|| Progress::to(State::Received))
    }

    fn reached(&mut self, state: State) -> &mut Progress {
        self.dated = self.dated.max(Some(state));
        self.progress()
    }

    fn named(&mut self, state: State) {
        self.named = Some(state);
        self.progress();
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push_str(JOINT);
    }
    text.push_str(more);
}

#[cfg(test)]
mod tests {
    use complaints_contract::StartComplaintImport;
    use wire::ExternalId;

    use super::*;

    fn row(headers: &str, cells: &str) -> (NewComplaint, Vec<FieldError>) {
        let split = |line: &str| line.split(';').map(str::to_owned).collect::<Vec<_>>();
        let how = StartComplaintImport { map: None, system: Some("desk".to_owned()) };
        read(&Mapping::read(split(headers), &how).expect("is a mapping"), &split(cells))
    }

    #[test]
    fn a_row_of_the_bureau() {
        let headers = "Complaint ID;Product;Sub-product;Issue;Sub-issue;State;Submitted via;Date received;\
                       Date sent to company;Company;Company response;Timely response?";
        let (new, faults) = row(
            headers,
            "1114245;Debt collection;Medical;Disclosure;;FL;Postal mail;11/12/2014;11/13/2014;Choice Recovery, Inc.;\
             Closed with explanation;Yes",
        );
        let key = |id: &str| Some(ExternalId { system: "desk".to_owned(), id: id.to_owned() });
        let at = |text: &str| Some(text.parse().expect("an instant"));
        assert_eq!(faults, []);
        assert_eq!(
            new,
            NewComplaint {
                external_id: key("1114245"),
                customer_external: key("Choice Recovery, Inc."),
                product: Some("Debt collection / Medical".to_owned()),
                issue: Some("Disclosure".to_owned()),
                received_at: at("2014-11-12T00:00:00Z"),
                progress: Some(Progress {
                    acknowledged_at: at("2014-11-13T00:00:00Z"),
                    resolution: Some("Closed with explanation".to_owned()),
                    timely: Some(true),
                    ..Progress::to(State::Closed)
                }),
                ..NewComplaint::about(Channel::PostalMail, "Disclosure")
            }
        );
    }

    #[test]
    fn a_complaint_is_as_far_as_it_is_dated() {
        let state = |headers: &str, cells: &str| row(headers, cells).0.progress.map(|progress| progress.state);
        assert_eq!(state("title;opened", "Late;2026-01-02"), None);
        assert_eq!(state("title;closed;acknowledged", "Late;2026-01-04;2026-01-02"), Some(State::Closed));
        assert_eq!(state("title;closed;status", "Late;;in progress"), Some(State::Investigating));
    }

    #[test]
    fn every_bad_cell_is_named() {
        let (_, faults) = row("title;channel;severity;opened;status", "Late;pigeon;awful;soon;lost");
        let pointers: Vec<_> = faults.iter().map(|fault| (fault.pointer.as_str(), fault.code.as_str())).collect();
        assert_eq!(
            pointers,
            [
                ("/channel", "not-understood"),
                ("/severity", "not-understood"),
                ("/received_at", "not-understood"),
                ("/progress/state", "not-understood"),
            ]
        );
    }
}

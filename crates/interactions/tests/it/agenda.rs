use chassis::Caller;
use complaints_contract::v1::{
    ExecutiveContactProposed, FOLLOW_UP_CHANGED, FollowUpChanged, FollowUpFact, FollowUpState,
};
use database::sql_types::{SqlId, SqlInstant};
use database::{Id, Instant, on};
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel_async::RunQueryDsl;
use interactions_contract::AgendaItem;
use messaging::Rejected;
use registry_contract::v1::{CustomerFact, CustomerUpdated};
use registry_contract::{ContactId, CustomerId};
use serde_json::{Value, json};
use testkit::{App, Client, TestDb, both, envelope};
use uuid::Uuid;

use crate::support::{AGENDA, customer, introduce, merge, proposed, redact, start, unmerge};

/// What is told of the complaint with this number, when it was closed first.
fn follow_up(number: u128, customer: CustomerId) -> FollowUpFact {
    FollowUpFact {
        complaint_id: Uuid::from_u128(number).into(),
        number: format!("CP-2026-{number:06}"),
        customer_id: Some(customer),
        contact_id: None,
        sequence: 7,
        state: FollowUpState::Due,
        owner: Some("wang.fang".to_owned()),
        closed_at: "2026-03-06T01:00:00Z".parse().expect("an instant"),
        due_at: "2026-03-20T01:00:00Z".parse().expect("an instant"),
        restricted: false,
    }
}

fn due(day: u32, fact: FollowUpFact) -> FollowUpFact {
    FollowUpFact { due_at: format!("2026-04-{day:02}T01:00:00Z").parse().expect("an instant"), ..fact }
}

async fn tell(app: &App, fact: &FollowUpFact) {
    app.deliver(&FollowUpChanged(fact.clone())).await;
}

async fn listed(client: &Client, query: &str) -> Vec<String> {
    references(&client.get(&format!("{AGENDA}?{query}")).await.expect(200))
}

fn references(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("items");
    items.iter().map(|item| item["reference"].as_str().expect("a number").to_owned()).collect()
}

fn numbers(numbers: &[u128]) -> Vec<String> {
    numbers.iter().map(|number| format!("CP-2026-{number:06}")).collect()
}

/// Whose each item is, by its number.
async fn whose(client: &Client) -> Vec<(String, Option<CustomerId>)> {
    let page = client.get(AGENDA).await.expect(200);
    let items: Vec<AgendaItem> = serde_json::from_value(page["items"].clone()).expect("items");
    items.into_iter().map(|item| (item.reference, item.customer_id)).collect()
}

fn caller(app: &App, kind: &str, name: &str) -> Client {
    app.client_as(Caller {
        id: format!("{kind}:0198a000-0000-7000-8000-000000000009"),
        name: name.to_owned(),
        roles: vec![],
        permissions: vec!["interactions:read".to_owned()],
    })
}

#[derive(Debug, PartialEq, QueryableByName)]
struct Kept {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = SqlId)]
    subject_id: Id,
    #[diesel(sql_type = SqlId)]
    id: Id,
    #[diesel(sql_type = BigInt)]
    sequence: i64,
    #[diesel(sql_type = Bool)]
    open: bool,
    #[diesel(sql_type = Nullable<SqlId>)]
    origin_id: Option<Id>,
    #[diesel(sql_type = Nullable<SqlId>)]
    customer_id: Option<Id>,
    #[diesel(sql_type = Nullable<SqlId>)]
    contact_id: Option<Id>,
    #[diesel(sql_type = Text)]
    reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    owner: Option<String>,
    #[diesel(sql_type = SqlInstant)]
    due_at: Instant,
    #[diesel(sql_type = Bool)]
    restricted: bool,
    #[diesel(sql_type = Nullable<SqlInstant>)]
    proposed_at: Option<Instant>,
}

/// The whole table, which is then empty, as are the customers and their merges.
async fn take_table(db: &TestDb) -> Vec<Kept> {
    let mut tx = db.begin().await.expect("a transaction");
    let rows = on!(tx, |c| {
        let rows = diesel::sql_query("SELECT * FROM due_contacts ORDER BY subject_id").load(c).await?;
        diesel::sql_query("DELETE FROM due_contacts").execute(c).await?;
        diesel::sql_query("DELETE FROM merged_customers").execute(c).await?;
        diesel::sql_query("DELETE FROM known_customers").execute(c).await?;
        Ok(rows)
    });
    let rows = rows.expect("the table");
    tx.commit().await.expect("an empty table");
    rows
}

/// One of the things that happen.
#[derive(Clone, Copy)]
enum News<'a> {
    FollowUp(&'a FollowUpFact),
    Proposed(&'a ExecutiveContactProposed),
    Customer(&'a CustomerFact),
    Merged(CustomerId, CustomerId, i64),
    Unmerged(CustomerId, CustomerId, i64),
}

impl News<'_> {
    async fn reach(self, app: &App) {
        match self {
            Self::FollowUp(fact) => tell(app, fact).await,
            Self::Proposed(event) => app.deliver(event).await,
            Self::Customer(fact) => app.deliver(&CustomerUpdated(fact.clone())).await,
            Self::Merged(one, into, sequence) => merge(app, one, into, sequence).await,
            Self::Unmerged(one, from, sequence) => unmerge(app, one, from, sequence).await,
        }
    }
}

both! {
    async fn the_golden_events_may_come_twice_and_are_listed(db: TestDb) {
        let (app, client) = start(db).await;
        app.deliver_golden("complaints").await;
        let page = client.get(&format!("{AGENDA}?count=exact")).await.expect(200);
        insta::assert_json_snapshot!(page, @r#"
        {
          "count": 2,
          "items": [
            {
              "contact_id": null,
              "customer_id": "019a0000-0000-7000-8000-000000000001",
              "due_at": "2026-03-05T01:30:01Z",
              "id": "019a0000-0000-7000-8000-0000000000e1",
              "kind": "executive_contact",
              "owner": null,
              "reference": "CP-2026-000123",
              "restricted": false,
              "subject_id": "019a0000-0000-7000-8000-0000000000e1"
            },
            {
              "contact_id": null,
              "customer_id": "019a0000-0000-7000-8000-000000000001",
              "due_at": "2026-03-20T01:00:00Z",
              "id": "019a0000-0000-7000-8000-0000000000c1",
              "kind": "complaint_follow_up",
              "owner": "wang.fang",
              "reference": "CP-2026-000123",
              "restricted": false,
              "subject_id": "019a0000-0000-7000-8000-0000000000c1"
            }
          ],
          "next_cursor": null
        }
        "#);
    }

    async fn every_order_of_events_leads_to_the_same_table(db: TestDb) {
        let (app, _client) = start(db).await;
        let [one, two, three] = [1, 2, 3].map(|number| CustomerId::from(Uuid::from_u128(number)));
        let first = follow_up(0xc1, one);
        let handed_on = FollowUpFact {
            sequence: 9,
            owner: Some("li.wei".to_owned()),
            contact_id: Some(ContactId::from(Uuid::from_u128(0xa1))),
            ..first.clone()
        };
        let made = FollowUpFact { sequence: 12, state: FollowUpState::Done, ..follow_up(0xc2, one) };
        let taken_up = FollowUpFact { sequence: 8, state: FollowUpState::Cancelled, ..follow_up(0xc3, two) };
        let closed_again =
            FollowUpFact { sequence: 15, restricted: true, ..due(9, follow_up(0xc3, three)) };
        let nobodys = FollowUpFact { customer_id: None, owner: None, ..follow_up(0xc4, one) };
        let (second, third) = (follow_up(0xc2, one), follow_up(0xc3, two));
        let (grave, graver) = (proposed(1, one), proposed(2, three));
        let known = CustomerFact { customer_id: two, ..customer("C-000002") };
        let given = CustomerFact { sequence: 4, owner: Some("zhao.min".to_owned()), ..known.clone() };
        let own = CustomerFact { customer_id: one, ..customer("C-000001") };
        let news = [
            News::Customer(&own),
            News::Proposed(&grave),
            News::FollowUp(&first),
            News::FollowUp(&second),
            News::Merged(one, two, 2),
            News::FollowUp(&third),
            News::FollowUp(&handed_on),
            News::Merged(two, three, 2),
            News::Customer(&known),
            News::FollowUp(&taken_up),
            News::FollowUp(&made),
            News::Proposed(&graver),
            News::Customer(&given),
            News::Unmerged(two, three, 3),
            News::FollowUp(&closed_again),
            News::FollowUp(&nobodys),
        ];
        for event in news {
            event.reach(&app).await;
        }
        let expected = take_table(&app.db).await;
        let kept = |number: u128| expected.iter().find(|row| row.subject_id == Uuid::from_u128(number).into());
        let state = |number| kept(number).map(|row| (row.sequence, row.open, row.customer_id.map(Id::get)));
        assert_eq!(
            [state(0xc1), state(0xc2), state(0xc3), state(0xc4)],
            [
                Some((9, true, Some(two))),
                Some((12, false, Some(two))),
                Some((15, true, Some(three))),
                Some((7, true, None)),
            ],
        );
        let whose = |number| kept(number).map(|row| (row.open, row.customer_id.map(Id::get), row.owner.as_deref()));
        assert_eq!(
            [whose(0xe001), whose(0xe002)],
            [Some((true, Some(two), Some("zhao.min"))), Some((true, Some(three), None))],
        );

        let mut orders: Vec<Vec<News<'_>>> = vec![news.iter().rev().copied().collect()];
        orders.push(news.iter().flat_map(|event| [*event, *event]).collect());
        orders.push(news.iter().rev().chain(&news).copied().collect());
        for start in 1..news.len() {
            orders.push(news.iter().cycle().skip(start).take(news.len()).copied().collect());
        }
        for (number, order) in orders.into_iter().enumerate() {
            for event in order {
                event.reach(&app).await;
            }
            assert_eq!(take_table(&app.db).await, expected, "order {number}");
        }
    }

    async fn only_what_is_still_due_is_listed(db: TestDb) {
        let (app, client) = start(db).await;
        let fact = follow_up(1, CustomerId::new());
        let later = |sequence, state| FollowUpFact { sequence, state, ..fact.clone() };
        for (told, expected) in [
            (fact.clone(), 1),
            (later(8, FollowUpState::Cancelled), 0),
            (later(7, FollowUpState::Due), 0),
            (later(12, FollowUpState::Due), 1),
            (later(13, FollowUpState::Done), 0),
        ] {
            tell(&app, &told).await;
            assert_eq!(client.count(AGENDA).await, expected, "{told:?}");
            assert_eq!(listed(&client, "").await.len() as i64, expected, "{told:?}");
        }
    }

    async fn what_is_due_goes_along_with_a_merged_customer_and_comes_back(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        tell(&app, &due(1, follow_up(1, one))).await;
        tell(&app, &due(2, follow_up(2, two))).await;
        merge(&app, one, two, 2).await;
        merge(&app, one, two, 2).await;
        assert_eq!(listed(&client, "customer=C-000002").await, numbers(&[1, 2]));
        assert_eq!(listed(&client, "customer=C-000001").await, numbers(&[1, 2]));
        // Told late, of the customer as it was.
        tell(&app, &due(3, follow_up(3, one))).await;
        assert_eq!(listed(&client, &format!("customer={two}")).await, numbers(&[1, 2, 3]));

        unmerge(&app, one, two, 3).await;
        merge(&app, one, two, 2).await;
        let [first, second, third] = [1, 2, 3].map(|number| numbers(&[number]).remove(0));
        assert_eq!(whose(&client).await, [(first, Some(one)), (second, Some(two)), (third, Some(one))]);
    }

    async fn what_concerns_our_own_people_is_its_owners_alone(db: TestDb) {
        let (app, client) = start(db).await;
        let restricted = |number: u32, owner: Option<&str>| FollowUpFact {
            restricted: true,
            owner: owner.map(str::to_owned),
            ..due(number, follow_up(number.into(), CustomerId::new()))
        };
        tell(&app, &restricted(1, Some("Wang.Fang"))).await;
        tell(&app, &restricted(2, None)).await;
        tell(&app, &due(3, follow_up(3, CustomerId::new()))).await;
        let owner = caller(&app, "user", "wang.fang");
        // A key may be called like anybody.
        let key = caller(&app, "key", "wang.fang");
        let shown: [(&Client, &[u128]); 3] = [(&owner, &[1, 3]), (&client, &[3]), (&key, &[3])];
        for (who, expected) in shown {
            assert_eq!(listed(who, "").await, numbers(expected));
            assert_eq!(who.count(AGENDA).await, expected.len() as i64);
            let asked = listed(who, "owner=wang.fang,Wang.Fang&kind=complaint_follow_up").await;
            assert_eq!(asked, numbers(expected));
        }
    }

    async fn the_agenda_is_narrowed_by_everything_it_can_be(db: TestDb) {
        let (app, client) = start(db).await;
        let (one, two) = (introduce(&app, "C-000001").await, introduce(&app, "C-000002").await);
        let owned = |owner: &str, fact| FollowUpFact { owner: Some(owner.to_owned()), ..fact };
        for fact in [
            due(3, follow_up(1, one)),
            owned("li.wei", due(2, follow_up(2, two))),
            FollowUpFact { owner: None, customer_id: None, ..due(1, follow_up(3, one)) },
            owned("li.wei", due(4, follow_up(4, one))),
        ] {
            tell(&app, &fact).await;
        }
        let narrowed: [(String, &[u128]); 11] = [
            (String::new(), &[3, 2, 1, 4]),
            ("sort=-due_at".to_owned(), &[4, 1, 2, 3]),
            ("owner=li.wei".to_owned(), &[2, 4]),
            ("owner=li.wei,wang.fang".to_owned(), &[2, 1, 4]),
            ("owner=nobody".to_owned(), &[]),
            (format!("customer={one}"), &[1, 4]),
            (format!("customer={one},C-000002"), &[2, 1, 4]),
            ("customer=C-404404".to_owned(), &[]),
            ("until=2026-04-03T01:00:00Z".to_owned(), &[3, 2]),
            ("kind=complaint_follow_up".to_owned(), &[3, 2, 1, 4]),
            ("owner=li.wei&customer=C-000001&until=2026-05-01T00:00:00Z".to_owned(), &[4]),
        ];
        for (query, expected) in narrowed {
            assert_eq!(listed(&client, &query).await, numbers(expected), "{query}");
        }
    }

    async fn pages_of_the_agenda_hold_everything_once(db: TestDb) {
        let (app, client) = start(db).await;
        for number in 0..7 {
            // Two a day, so that only the id tells some of them apart.
            tell(&app, &due(1 + number / 2, follow_up(u128::from(number), CustomerId::new()))).await;
        }
        for sort in ["due_at", "-due_at"] {
            let whole = listed(&client, &format!("sort={sort}")).await;
            assert_eq!(whole.len(), 7);
            let pages = client.pages(&format!("{AGENDA}?limit=3&count=exact&sort={sort}")).await;
            assert_eq!(pages.len(), 3);
            assert!(pages.iter().all(|page| page["count"] == 7));
            assert_eq!(pages.iter().flat_map(references).collect::<Vec<_>>(), whole, "{sort}");
        }
    }

    async fn every_wrong_parameter_of_the_agenda_is_named_at_once(db: TestDb) {
        let (_app, client) = start(db).await;
        let refused = client.get(&format!("{AGENDA}?kind=birthday&until=soon&overdue=true")).await;
        insta::assert_json_snapshot!(redact(refused.expect(400)), @r#"
        {
          "code": "query-invalid",
          "detail": "3 values in the query are wrong",
          "errors": [
            {
              "code": "not-allowed",
              "message": "must be one of complaint_follow_up, executive_contact",
              "pointer": "?kind"
            },
            {
              "code": "unknown-parameter",
              "message": "there is no such parameter",
              "pointer": "?overdue"
            },
            {
              "code": "bad-format",
              "message": "must be a date-time",
              "pointer": "?until"
            }
          ],
          "instance": "/api/v1/agenda",
          "status": 400,
          "title": "Query invalid",
          "trace_id": "[trace]",
          "type": "/problems/query-invalid"
        }
        "#);
        assert_eq!(client.get(&format!("{AGENDA}?sort=owner")).await.problem(), (400, "query-invalid"));
    }

    async fn a_follow_up_of_another_shape_is_poison(db: TestDb) {
        let (app, _client) = start(db).await;
        let broken = envelope(FOLLOW_UP_CHANGED, json!({"complaint_id": Uuid::nil(), "state": "forgotten"}));
        assert!(matches!(app.deliver_envelope(&broken).await, Err(Rejected::Poison(_))));
    }
}

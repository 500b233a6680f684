use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};

use chassis::csv::FileFault;
use database::{Instant, Tx};
use registry_contract::{Customer, CustomerId, NewCustomer, Tier};

use super::moves::Moves;
use crate::commands::customers::revise;
use crate::commands::registration::{Registration, Taken};
use crate::commands::tiers::would_propose;
use crate::domain::Faults;
use crate::error::Result;
use crate::store::{CustomerRow, Related};

/// Rows that can be rehearsed at most. Each leaves half a kilobyte in memory, since any row below may name its key, its
/// numbers or, as a parent, its name, and half as much more with a parent of its own; its customer, several times as much, is
/// put aside in a temporary file.
pub(super) const MOST_REHEARSED: i64 = 200_000;

/// What a file would have made of the customers so far, were it taken in.
pub(super) struct Rehearsal {
    pub taken: Taken,
    /// Who belongs to whom by the rows whose parents were found.
    pub moves: Moves,
    /// The first customer of each name that the file would have created, and how many there are.
    names: HashMap<String, (CustomerId, usize)>,
    /// Whom rows would have created, in the order of these, which name no customer that is stored nowhere. Each is gone once
    /// its parent is looked for.
    created: VecDeque<CustomerId>,
    /// The tiers that rows would have proposed last.
    proposed: HashMap<CustomerId, Tier>,
    aside: File,
    /// From which byte each customer is put aside as it was last left, and how many bytes.
    places: HashMap<CustomerId, (u64, usize)>,
    end: u64,
}

impl Rehearsal {
    pub fn new() -> Result<Self> {
        let aside = tempfile::tempfile().map_err(FileFault::Io)?;
        Ok(Self {
            taken: Taken::default(),
            moves: Moves::default(),
            names: HashMap::new(),
            created: VecDeque::new(),
            proposed: HashMap::new(),
            aside,
            places: HashMap::new(),
            end: 0,
        })
    }

    pub fn create(&mut self, registration: Registration, at: Instant) -> Result<Customer> {
        let (row, details, _) = registration.begun(String::new(), at);
        let customer = row.with(Related::from(&*details))?;
        let id = customer.id;
        self.names.entry(customer.name.clone()).or_insert((id, 0)).1 += 1;
        self.created.push_back(id);
        self.keep(&customer)?;
        Ok(customer)
    }

    /// As the command of the same purpose, without writing.
    pub async fn update(
        &mut self,
        tx: &mut Tx,
        current: Customer,
        wanted: NewCustomer,
        at: Instant,
    ) -> Result<(Customer, bool)> {
        let (tier, named) = (current.tier, wanted.tier);
        let wanted = NewCustomer { tier, ..wanted };
        let customer = match revise(tx, &current, wanted, Faults::default()).await? {
            None => current,
            Some(details) => {
                self.taken.refuse(current.id, &details)?;
                let customer = CustomerRow::next(&current, &details, at).with(Related::from(&*details))?;
                self.keep(&customer)?;
                customer
            }
        };
        let proposes = self.proposes(tx, &customer, named).await?;
        Ok((customer, proposes))
    }

    /// Whether a row with this tier would make a proposal; it would take the place of what a row above has made.
    async fn proposes(&mut self, tx: &mut Tx, customer: &Customer, tier: Tier) -> Result<bool> {
        let before = self.proposed.get(&customer.id).copied();
        let proposed = would_propose(tx, customer, tier, before).await?;
        if let Some(tier) = proposed {
            self.proposed.insert(customer.id, tier);
        }
        Ok(proposed.is_some())
    }

    fn keep(&mut self, customer: &Customer) -> Result<()> {
        self.taken.take(customer.id, &NewCustomer::from(customer));
        let text = serde_json::to_vec(customer).map_err(database::Error::other)?;
        self.aside.seek(SeekFrom::Start(self.end)).map_err(FileFault::Io)?;
        self.aside.write_all(&text).map_err(FileFault::Io)?;
        self.places.insert(customer.id, (self.end, text.len()));
        self.end += text.len() as u64;
        Ok(())
    }

    /// The customer as the file would have left it, if it has touched it.
    pub fn customer(&self, id: CustomerId) -> Result<Option<Customer>> {
        let Some((start, length)) = self.places.get(&id) else { return Ok(None) };
        let (mut aside, mut text) = (&self.aside, vec![0_u8; *length]);
        aside.seek(SeekFrom::Start(*start)).map_err(FileFault::Io)?;
        aside.read_exact(&mut text).map_err(FileFault::Io)?;
        Ok(Some(serde_json::from_slice(&text).map_err(database::Error::other)?))
    }

    /// The first customer of this name that the file would have created, and how many there are.
    pub fn called(&self, name: &str) -> Option<(CustomerId, usize)> {
        self.names.get(name).copied()
    }

    /// Whom the next row that creates a customer would have created: to be asked once for each, in the order of the file.
    pub fn next_created(&mut self) -> Option<CustomerId> {
        self.created.pop_front()
    }
}

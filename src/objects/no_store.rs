//! Stands in for stores in builds without the feature `objects`: addresses are known, and refused.

use std::convert::Infallible;
use std::path::PathBuf;

use shocksweep_columnar::commit::Written;

use super::{Address, StoreError, StoreProblem, Wanted};

/// A store, of which there is none in this build.
#[derive(Debug)]
pub struct Store(Infallible);

impl Store {
    /// Refuses an address.
    ///
    /// # Errors
    /// Always.
    pub fn open(address: &Address) -> Result<Self, StoreError> {
        Err(StoreError::new(address.text(), StoreProblem::NoFeature))
    }

    /// Its address.
    pub fn address(&self) -> &Address {
        match self.0 {}
    }

    /// Brings objects into files.
    ///
    /// # Errors
    /// None: there is no such store.
    pub fn fetch(&self, _wanted: Vec<Wanted>) -> Result<Vec<Option<Written>>, StoreError> {
        match self.0 {}
    }

    /// Content of a small object.
    ///
    /// # Errors
    /// None: there is no such store.
    pub fn bytes(&self, _name: &str, _limit: u64) -> Result<Option<Vec<u8>>, StoreError> {
        match self.0 {}
    }

    /// Size of an object, bytes.
    ///
    /// # Errors
    /// None: there is no such store.
    pub fn size(&self, _name: &str) -> Result<Option<u64>, StoreError> {
        match self.0 {}
    }

    /// Puts files as objects.
    ///
    /// # Errors
    /// None: there is no such store.
    pub fn put(&self, _files: Vec<(String, PathBuf)>) -> Result<(), StoreError> {
        match self.0 {}
    }

    /// Puts an object that is not there.
    ///
    /// # Errors
    /// None: there is no such store.
    pub fn create(&self, _name: &str, _content: Vec<u8>) -> Result<bool, StoreError> {
        match self.0 {}
    }

    /// Names of all objects.
    ///
    /// # Errors
    /// None: there is no such store.
    pub fn names(&self) -> Result<Vec<String>, StoreError> {
        match self.0 {}
    }

    /// Removes objects.
    ///
    /// # Errors
    /// None: there is no such store.
    pub fn remove(&self, _names: &[String]) -> Result<(), StoreError> {
        match self.0 {}
    }
}

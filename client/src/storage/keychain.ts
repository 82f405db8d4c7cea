import { fileTokenStore, type TokenStore } from './token-store';

const SERVICE = 'stateful-mcp';

type Entry = import('@napi-rs/keyring').AsyncEntry;

/**
 * Keeps tokens in the keychain of the platform (macOS Keychain, Windows Credential Manager, Secret Service) by
 * `@napi-rs/keyring`, where that is installed and there is one; in files that only this user can read elsewhere, and
 * where an entry is too long for the keychain.
 *
 * @param files - where to keep what the keychain does not; `fileTokenStore()` when left out
 */
export function keychainTokenStore(files: TokenStore = fileTokenStore()): TokenStore {
  return {
    read: async key => (await inKeychain(key, entry => entry.getPassword())) ?? (await files.read(key)),
    write: async (key, text) => {
      const kept = await inKeychain(key, async entry => {
        await entry.setPassword(text);
        return true;
      });
      if (kept === true) {
        return files.remove(key);
      }
      // What is there from before must not be read instead.
      await inKeychain(key, entry => entry.deletePassword());
      await files.write(key, text);
    },
    remove: async key => {
      await inKeychain(key, entry => entry.deletePassword());
      await files.remove(key);
    },
    exclusively: (key, work, signal) => files.exclusively(key, work, signal),
  };
}

/** What is done with an entry, or `undefined` where that is not possible. */
async function inKeychain<T>(key: string, use: (entry: Entry) => Promise<T>): Promise<T | undefined> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring');
    // The kernel's own keyring, the other one on Linux, forgets everything when the user logs out.
    return await use(new AsyncEntry(SERVICE, key, { linux: { store: 'secret-service' } }));
  } catch {
    return undefined;
  }
}

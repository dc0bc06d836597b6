import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoDatabase;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.backend.h2.H2Collection;
import de.bwaldvogel.mongo.backend.h2.H2Database;
import de.bwaldvogel.mongo.bson.Document;
import io.netty.channel.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/**
 * The MongoDB-compatible server on a folder: DurableMongo FOLDER HOST PORT. The backend by itself writes its file once a second, so a
 * SIGKILL takes writes that were answered. Here every write is in a journal before it is done and answered, as with {j: true}: the file
 * is written once a second between two writes, and at a start what the journal has beyond it is done again, in order and at its time.
 */
public class DurableMongo extends H2Backend {
  private static final Set<String> READS = Set.of("find", "getMore", "count", "distinct", "hello", "ismaster", "isMaster", "ping",
      "buildInfo", "listCollections", "listIndexes", "listDatabases", "serverStatus", "endSessions", "killCursors");

  private final MVMap<String, Long> done;
  private final Journal journal;
  private final JournalClock clock;

  DurableMongo(MVStore store, Journal journal, JournalClock clock) throws IOException {
    super(store, clock);
    this.journal = journal;
    this.clock = clock;
    done = store.openMap("journal");
    journal.replay(done.getOrDefault("number", 0L), (channel, at, database, query) -> {
      clock.replayed = at;
      super.handleCommand(channel, database, query.keySet().iterator().next(), query);
    });
    clock.replayed = null;
    checkpoint();
  }

  @Override
  public Document handleCommand(Channel channel, String database, String command, Document query) {
    if (isRead(command, query)) return super.handleCommand(channel, database, command, query);
    synchronized (this) {
      try {
        journal.append(Instant.now().toEpochMilli(), database, query);
      } catch (IOException broken) {
        throw new java.io.UncheckedIOException(broken);
      }
      return super.handleCommand(channel, database, command, query);
    }
  }

  @Override
  protected MongoDatabase openOrCreateDatabase(String name) {
    return new ByIdDatabase(name);
  }

  private static boolean isRead(String command, Document query) {
    if (!command.equals("aggregate")) return READS.contains(command);
    return query.get("pipeline") instanceof List<?> stages
        && stages.stream().noneMatch(stage -> stage instanceof Document s && (s.containsKey("$out") || s.containsKey("$merge")));
  }

  /** The file knows how far it has come in the journal: dying between the two steps does nothing twice. */
  synchronized void checkpoint() throws IOException {
    if (done.getOrDefault("number", 0L) != journal.number()) {
      done.put("number", journal.number());
      commit();
    }
    journal.clear();
  }

  synchronized void end(int status) {
    try {
      checkpoint();
    } catch (IOException broken) {
      broken.printStackTrace();
    }
    Runtime.getRuntime().halt(status); // Holding the lock: no write comes between the checkpoint and the end.
  }

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    MVStore store = new MVStore.Builder().fileName(folder.resolve("data.mv").toString()).autoCommitDisabled().autoCommitBufferSize(0).open();
    DurableMongo backend = new DurableMongo(store, new Journal(folder.resolve("journal")), new JournalClock());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> backend.end(0)));
    try {
      new MongoServer(backend).bind(args[1], Integer.parseInt(args[2]));
    } catch (Exception refused) {
      System.err.println(refused);
      backend.end(1); // The server's threads would keep the process.
    }
    while (true) {
      Thread.sleep(1000);
      backend.checkpoint();
    }
  }

  /**
   * The backend uses an index only for queries of exactly its fields, so that a compare-and-set by {_id, version} reads the whole
   * collection. Here a query with a text as _id reads one document, whatever else it asks.
   */
  class ByIdDatabase extends H2Database {
    ByIdDatabase(String name) {
      super(name, getMvStore(), getCursorRegistry());
    }

    @Override
    protected MongoCollection<Object> openOrCreateCollection(String name, CollectionOptions options) {
      // The names are the backend's own: it drops and moves the collection by them.
      String data = "databases." + getDatabaseName() + "." + name;
      MVMap<Object, Document> documents = getMvStore().openMap(data);
      return new H2Collection(this, name, options, documents, getMvStore().openMap("meta." + data), getCursorRegistry()) {
        @Override
        protected QueryResult matchDocuments(Document query, Document order, int skip, int limit, int batch, Document fields) {
          if (!(query.get("_id") instanceof String id)) return super.matchDocuments(query, order, skip, limit, batch, fields);
          return matchDocuments(query, documents.containsKey(id) ? List.<Object>of(id) : List.<Object>of(), order, skip, limit, batch, fields);
        }
      };
    }
  }

  /** Now; while the journal is replayed, the time of the write. */
  static class JournalClock extends Clock {
    volatile Long replayed;

    @Override
    public Instant instant() {
      return replayed == null ? Instant.now() : Instant.ofEpochMilli(replayed);
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return Clock.fixed(instant(), zone);
    }
  }
}

import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Numbered writes in the order in which they were done: length, number, milliseconds, then BSON of database and command. */
class Journal {
  interface Write {
    void apply(Channel channel, long at, String database, Document query) throws Exception;
  }

  private final Path file;
  private final FileChannel out;
  private long number;

  Journal(Path file) throws IOException {
    this.file = file;
    this.out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  long number() {
    return number;
  }

  /** Written to the operating system, which survives a SIGKILL; not to the disk, which a loss of power would want. */
  void append(long at, String database, Document query) throws IOException {
    Document command = new Document("database", database);
    command.append("query", query);
    ByteBuf bytes = Unpooled.buffer();
    bytes.writeInt(0).writeLong(++number).writeLong(at);
    BsonEncoder.encodeDocument(command, bytes);
    bytes.setInt(0, bytes.readableBytes() - 4);
    while (bytes.isReadable()) bytes.readBytes(out, bytes.readableBytes());
  }

  /** Does again what comes after the given number. An entry that was cut short was not answered. */
  void replay(long from, Write write) throws IOException {
    number = from;
    ByteBuf bytes = Unpooled.wrappedBuffer(Files.readAllBytes(file));
    EmbeddedChannel channel = new EmbeddedChannel();
    while (bytes.readableBytes() >= 4 && bytes.getInt(bytes.readerIndex()) <= bytes.readableBytes() - 4) {
      ByteBuf entry = bytes.readSlice(bytes.readInt());
      long entryNumber = entry.readLong();
      long at = entry.readLong();
      Document command = BsonDecoder.decodeBson(entry);
      if (entryNumber <= from) continue;
      number = entryNumber;
      try {
        write.apply(channel, at, (String) command.get("database"), (Document) command.get("query"));
      } catch (Exception refused) {
        // It was refused the first time as well: refusals are journalled like everything else.
      }
    }
  }

  void clear() throws IOException {
    out.truncate(0);
  }
}

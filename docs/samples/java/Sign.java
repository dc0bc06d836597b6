// 用法：java Sign.java 算法 私钥文件 METHOD PATH?QUERY 时间戳 随机串 系统代码 业务流水号 请求体文件（Java 17 及以上）
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.*;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class Sign {
    static String signRequest(String signType, String key, List<String> head, byte[] body) throws Exception {
        String bodyHash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        byte[] text = (String.join("\n", head) + "\n" + bodyHash + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] keyBytes = Base64.getMimeDecoder().decode(key.replaceAll("-----[A-Z ]+-----", ""));
        if (signType.equals("HMAC-SHA256")) {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(keyBytes, "HmacSHA256"));
            return Base64.getEncoder().encodeToString(mac.doFinal(text));
        }
        boolean ed25519 = signType.equals("ED25519");
        Signature signature = Signature.getInstance(ed25519 ? "Ed25519" : "SHA256withRSA");
        signature.initSign(KeyFactory.getInstance(ed25519 ? "Ed25519" : "RSA").generatePrivate(new PKCS8EncodedKeySpec(keyBytes)));
        signature.update(text);
        return Base64.getEncoder().encodeToString(signature.sign());
    }

    public static void main(String[] args) throws Exception {
        // args[2..7]：METHOD、PATH?QUERY、时间戳、随机串、系统代码、业务流水号
        List<String> head = Arrays.asList(args).subList(2, 8);
        System.out.print(signRequest(args[0], Files.readString(Path.of(args[1])), head, Files.readAllBytes(Path.of(args[8]))));
    }
}

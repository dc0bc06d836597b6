// 用法：java VerifyCallback.java 密钥 webhook-id webhook-timestamp webhook-signature 请求体文件 当前时间（Unix 秒）
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.security.MessageDigest;
import java.util.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class VerifyCallback {
    static boolean verifyCallback(String secret, String id, String timestamp, String signatures, byte[] body, long now) throws Exception {
        if (!timestamp.matches("\\d{1,12}") || Math.abs(now - Long.parseLong(timestamp)) > 300) return false;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.replaceFirst("^whsec_", "")), "HmacSHA256"));
        mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
        byte[] expected = ("v1," + Base64.getEncoder().encodeToString(mac.doFinal(body))).getBytes(StandardCharsets.UTF_8);
        return Arrays.stream(signatures.split(" ")).anyMatch(one -> MessageDigest.isEqual(expected, one.getBytes(StandardCharsets.UTF_8)));
    }

    public static void main(String[] args) throws Exception {
        // 请求体必须是收到的原始字节，解析为 JSON 之前核验
        byte[] body = Files.readAllBytes(Path.of(args[4]));
        System.exit(verifyCallback(args[0], args[1], args[2], args[3], body, Long.parseLong(args[5])) ? 0 : 1);
    }
}
